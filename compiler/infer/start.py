"""From a data file to the text of a spec, and to a clean copy of the data where the file needs one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ..diagnostics import UsageError
from ..records import record
from .choose import Choices, choose
from .names import column_names
from .profile import DATA, Profile, profile, typing
from .reading import FOUND, MOST_CELLS, RawTable, asked, read
from .spec_text import Origin, dataset_name, spec_text
from .types import TypedColumn, lost_by, typed

FOLDER = "data"


@record
class Start:
    """A spec that was written down: its text, and what happened to the data."""

    text: str
    profile: Profile
    choices: Choices
    path: str
    remark: str


def start(file: Path, folder: Path, label: str | None, most_cells: int = MOST_CELLS) -> Start:
    """Look at ``file`` and write what the spec in ``folder`` reads; the spec itself comes back as text."""
    with tempfile.TemporaryDirectory() as scratch:
        table = read(file, Path(scratch), most_cells)
        names = tuple(column_names(_headers(table)))
        columns = typed(table, names)
        found = profile(table, columns)
        if not found.rows or not found.columns:
            raise UsageError(f"{file} has no rows\n  help: it needs a header line and rows")
        choices = choose(table, found, label)
        changes = _changes(table, columns)
        path, remark = _place(table, columns, file, folder, clean=not changes)
    origin = Origin(given=file.name, path=path, changes=changes)
    return Start(text=spec_text(origin, found, choices), profile=found, choices=choices, path=path, remark=remark)


def _headers(table: RawTable) -> list[str]:
    """The headers, the unnamed first one called what it mostly is."""
    headers = list(table.headers)
    if len(headers) > 1 and headers[0] in {"", "Unnamed: 0", "column0"} and any(headers[1:]):
        headers[0] = "row_number"
    return headers


def _changes(table: RawTable, columns: tuple[TypedColumn, ...]) -> tuple[str, ...]:
    """Why the generated code could not read the file as it stands."""
    changes = list(table.changes)
    renamed = sum(header != column.name for header, column in zip(table.headers, columns, strict=True))
    if renamed and "it has no header" not in changes:
        changes.append(f"{renamed} of its headers cannot stand in SQL")
    for reason in dict.fromkeys(column.change for column in columns if column.change):
        names = [column.name for column in columns if column.change == reason]
        changes.append(f"{reason} ({', '.join(names)})")
    return tuple(changes)


def _place(
    table: RawTable, columns: tuple[TypedColumn, ...], file: Path, folder: Path, *, clean: bool
) -> tuple[str, str]:
    """Where the spec reads the rows, and what was done for that."""
    if clean and file.resolve().is_relative_to(folder.resolve()):
        return file.resolve().relative_to(folder.resolve()).as_posix(), ""
    name = file.name if clean else f"{dataset_name(file.name)}.parquet"
    target = folder / FOLDER / name
    if target.exists():
        raise UsageError(f"{target} is there already\n  help: move it, or give that file to --from")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.part")
    try:
        if clean:
            shutil.copyfile(file, part)
        else:
            rows = f"(SELECT {typing(_certain(table, columns))} FROM {FOUND})" if table.sampled else DATA
            table.database.execute(f"COPY {rows} TO {_text(part)} (FORMAT parquet)")
        os.replace(part, target)  # noqa: PTH105  (atomic, whatever the platform)
    finally:
        part.unlink(missing_ok=True)
    path = f"{FOLDER}/{name}"
    return path, f"{'copied' if clean else 'cleaned'} {file} to {path}"


def _certain(table: RawTable, columns: tuple[TypedColumn, ...]) -> tuple[TypedColumn, ...]:
    """The columns, where every row of the file fits what its sample says; else a message that names the cell."""
    usable = [column for column in columns if column.type]
    lost = asked(table.database, FOUND, [[f"count(*) FILTER ({lost_by(column)})"] for column in usable])
    wrong = [(column.name, count) for column, (count,) in zip(usable, lost, strict=True) if count]
    if wrong:
        named = ", ".join(f"'{name}' ({count:,} cells)" for name, count in wrong)
        raise UsageError(
            f"the sample of the file does not say what these columns are: {named}\n"
            "  help: convert the file to Parquet with the types you want, and give that to --from"
        )
    return columns


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
