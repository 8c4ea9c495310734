"""Sources that are read since the last run: new rows join those that were kept.

What was kept lies in the home, ``sources/<model>/<dataset>/``: Parquet files, and ``state.json``, which lists them and
is written last. A file that it does not list was left by a run that was killed, and counts for nothing. Without a
state, or when the source or its columns are not those of the state, everything is read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck, paths
from ..core.config import Dataset
from ..core.errors import StepError
from ..core.files import write_json
from .ingest import TypedRows, content_hash, typed_rows, write

VERSION = 1
STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The rows of the runs before."""

    folder: Path
    identity: str  # of the source and of its columns
    parts: tuple[str, ...] = ()
    last: object = None  # largest value of the cursor of a query, as the database has it
    formats: tuple[tuple[str, str], ...] = ()

    def scan(self) -> str:
        """All kept rows, as a table expression."""
        return f"read_parquet([{', '.join(duck.literal(str(self.folder / part)) for part in self.parts)}])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a run added."""

    kept: Kept
    rows: int
    late: int = 0


def ingest(
    database: duckdb.DuckDBPyConnection, model: str, label: str, dataset: Dataset, target: Path
) -> dict[str, object]:
    """Read what is new, keep it, and write all kept rows to ``target``; the entry of the report comes back."""
    kept = _read(paths.kept_rows(model, label), _identity(dataset))
    _remove_strangers(kept)
    added = _follow(database, label, dataset, kept) if kept.parts else _begin(database, label, dataset, kept)
    rows = duck.write(database, f"SELECT * FROM {added.kept.scan()}", target)
    return {
        "rows": rows,
        "new_rows": added.rows,
        "late_rows": added.late,
        "sha256": content_hash(database, duck.scan(target)),
        "date_formats": dict(added.kept.formats),
    }


def _begin(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, kept: Kept) -> Added:
    """Everything that the source has."""
    whole = replace(dataset, source=replace(dataset.source, since=None))  # for which no rows at all are a mistake
    typed = typed_rows(database, label, whole)
    _require_cursor(database, label, dataset, typed.query)
    return _keep(database, label, kept, typed, typed.query)


def _follow(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, kept: Kept) -> Added:
    """The rows behind the last one, those that share its cursor and are new, and those that came late."""
    cursor = duck.name(str(dataset.source.cursor))
    last = f"(SELECT max({cursor}) FROM {kept.scan()})"
    typed = typed_rows(database, label, dataset, after=kept.last)
    _require_cursor(database, label, dataset, typed.query)
    late = _late(database, label, dataset, kept, typed)
    if late:
        if dataset.source.kind == "sql":
            typed = typed_rows(database, label, dataset)
        new = f"SELECT * FROM ({typed.query}) EXCEPT ALL SELECT * FROM {kept.scan()}"
    else:
        new = (
            f"SELECT * FROM ({typed.query}) WHERE {cursor} > {last} UNION ALL "
            f"(SELECT * FROM ({typed.query}) WHERE {cursor} = {last} "
            f"EXCEPT ALL SELECT * FROM {kept.scan()} WHERE {cursor} = {last})"
        )
    return replace(_keep(database, label, kept, typed, f"SELECT * FROM ({new}) ORDER BY {cursor}"), late=late)


def _late(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, kept: Kept, typed: TypedRows) -> int:
    """How many rows before the last one the source has that were not there when it was read.

    Rows that the source has dropped meanwhile stay kept: only what it still has, from its first row on, is compared.
    """
    cursor = duck.name(str(dataset.source.cursor))
    last = f"(SELECT max({cursor}) FROM {kept.scan()})"
    if dataset.source.kind == "sql":
        there, first = _asked(database, label, dataset, kept)
    else:
        query = f"SELECT count(*), min({cursor}) FROM ({typed.query}) WHERE {cursor} < {last}"
        there, first = database.execute(query).fetchone() or (0, None)
    if not there:
        return 0
    before = f"{kept.scan()} WHERE {cursor} < {last} AND {cursor} >= CAST(? AS {_type(dataset)})"
    here = database.execute(f"SELECT count(*) FROM {before}", [str(first)]).fetchone() or (0,)
    return max(int(there) - int(here[0]), 0)


def _asked(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, kept: Kept) -> tuple[int, object]:
    """The number of rows before the last one that a database has, and the first cursor among them."""
    from . import database as sql  # noqa: PLC0415 - needs a driver
    from .drivers import literal, text_of  # noqa: PLC0415

    known = literal(kept.last).replace("{", "{{").replace("}", "}}")
    query = (
        "SELECT count(*), min({cursor}), count(*) - count({cursor}) FROM {rows} "
        f"WHERE {{cursor}} IS NULL OR {{cursor}} < {known}"
    )
    count, first, without = sql.ask(dataset.source, label, query)
    if int(without):
        raise _no_cursor(label, str(dataset.source.cursor), int(without))
    if first is None or _type(dataset) != duck.TYPES["timestamp"]:
        return int(count), first
    typed = "SELECT CAST(CAST(? AS TIMESTAMPTZ) AS TIMESTAMP)"  # as rows are typed: an offset counts, else it is UTC
    return int(count), (database.execute(typed, [text_of(first)]).fetchone() or (None,))[0]


def _type(dataset: Dataset) -> str:
    return duck.TYPES[dataset.columns[str(dataset.source.cursor)].type]


def _require_cursor(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, query: str) -> None:
    cursor = str(dataset.source.cursor)
    without = duck.count(database, f"({query}) WHERE {duck.name(cursor)} IS NULL")
    if without:
        raise _no_cursor(label, cursor, without)


def _no_cursor(label: str, cursor: str, rows: int) -> StepError:
    message = f"dataset '{label}': column '{cursor}' says which rows are new, and {rows:,} rows have none"
    return StepError(message, "leave them out of the source, or name another 'cursor'")


# --- the state ---------------------------------------------------------------------------------------------------


def _keep(database: duckdb.DuckDBPyConnection, label: str, kept: Kept, typed: TypedRows, query: str) -> Added:
    """Write new rows beside those that are kept, then the state that lists them."""
    part = f"{len(kept.parts) + 1:06}.parquet"
    rows = write(database, typed, label, kept.folder / part, query=query)
    if rows:
        kept = replace(kept, parts=(*kept.parts, part))
    else:
        (kept.folder / part).unlink()
    last = typed.raw.last if typed.raw.last is not None else kept.last
    kept = replace(kept, last=last, formats=tuple(sorted(typed.formats.items())) or kept.formats)
    state = {"version": VERSION, "identity": kept.identity, "parts": list(kept.parts), "last": _written(last)}
    write_json(kept.folder / STATE, state | {"formats": dict(kept.formats)})
    return Added(kept=kept, rows=rows)


def _read(folder: Path, identity: str) -> Kept:
    """The state, where there is one that fits the source and whose files are all there."""
    nothing = Kept(folder=folder, identity=identity)
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        parts = tuple(state["parts"])
        if state["version"] != VERSION or state["identity"] != identity:
            return nothing
        if not all((folder / part).is_file() for part in parts):
            return nothing
        formats = tuple(sorted(state["formats"].items()))
        return replace(nothing, parts=parts, last=_value(state["last"]), formats=formats)
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # lost or torn: everything is read again
        return nothing


def _remove_strangers(kept: Kept) -> None:
    for file in kept.folder.glob("*") if kept.folder.is_dir() else ():
        if file.name not in (*kept.parts, STATE) or not kept.parts:
            file.unlink(missing_ok=True)


def _identity(dataset: Dataset) -> str:
    """What the kept rows depend on: another query, or another type, is another table."""
    columns = {name: [column.type, column.allowed] for name, column in dataset.columns.items()}
    text = json.dumps([asdict(dataset.source), columns], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


KINDS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
}


def _written(value: object) -> list[str] | None:
    if value is None:
        return None
    kind = type(value).__name__
    return [kind if kind in KINDS else "str", value.isoformat() if isinstance(value, date) else str(value)]


def _value(written: list[str] | None) -> object:
    return None if written is None else KINDS[written[0]](written[1])
