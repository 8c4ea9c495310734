"""Reading a source as it is: files here, objects elsewhere, or the rows of a query, always as files on this disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Source
from ..core.environment import expand
from ..core.errors import StepError
from . import files, local

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The rows of a source: a table that the database knows, whose rows lie on the disk."""

    table: str  # quoted
    where: str  # for messages
    columns: dict[str, str]  # all that were found, and their DuckDB types
    text: bool = False  # words such as NA stand for a missing value
    file: str | None = None  # column with the name of each row's file, where there are several
    found: tuple[Path, ...] = ()  # the files of this machine that were read
    last: object = None  # the largest value of the cursor of a query, as the database has it

    def fingerprint(self) -> str | None:
        """The SHA-256 of the bytes of all files, in order; None for the rows of a query."""
        return _sha256(self.found) if self.found else None


def open_raw(
    database: duckdb.DuckDBPyConnection, source: Source, label: str, names: Sequence[str], *, after: object = None
) -> Raw:
    """Make the columns ``names`` of ``source`` known to the database; names that it lacks are left out.

    Rows never pass through Python's memory as a whole: text becomes Parquet in the database's scratch folder, objects
    and answers of a query are written there as they arrive. ``after`` is where the rows of a query begin, by the
    source's cursor. StepError says what is wrong with the source, in which file and in which line.
    """
    if source.kind == "sql":
        sql: Any = import_module(".database", package=__package__)  # needs a driver
        target = duck.scratch(database) / f"{label}.parquet"
        answer = sql.read(sql.Question(source=source, label=label, names=names, target=target, after=after))
        columns = dict.fromkeys(answer.names, "VARCHAR") | duck.columns(database, duck.scan(answer.file))
        table = _view(database, label, duck.scan(answer.file))
        return Raw(table=table, where=describe(source), columns=columns, last=answer.last)
    found = _files(database, source, label)
    rows = files.open_files(database, source.kind, label, found, names)
    table = _view(database, label, rows.sql)
    return Raw(
        table=table,
        where=describe(source),
        columns=rows.columns,
        text=source.kind == "csv",
        file=rows.file,
        found=tuple(file.path for file in found),
    )


def fingerprint(source: Source, label: str) -> str | None:
    """The SHA-256 of the bytes of the source's files; None when they are not on this machine."""
    if source.kind == "sql" or "://" in _path(source, label):
        return None
    return _sha256([file.path for file in local.find(_path(source, label), source.kind, label)])


def describe(source: Source) -> str:
    """The source in a word or two, without anything secret."""
    return str(source.path) if source.path else f"{str(source.url).partition('://')[0]} query"


def _files(database: duckdb.DuckDBPyConnection, source: Source, label: str) -> list[local.File]:
    path = _path(source, label)
    if "://" in path and not path.startswith("file://"):
        try:
            objects = import_module(".objects", package=__package__)  # needs the library of an object store
        except ImportError as error:
            hint = "name it in mlops.yaml, and compile again"
            raise StepError(
                f"dataset '{label}': this project was compiled to read files only, not {path}", hint
            ) from error
        fetched: list[local.File] = objects.fetch(path, source, label, duck.scratch(database) / label)
        return fetched
    return local.find(path, source.kind, label)


def _path(source: Source, label: str) -> str:
    return expand(source.path or "", f"dataset '{label}'")


def _view(database: duckdb.DuckDBPyConnection, label: str, rows: str) -> str:
    table = duck.name(f"__raw_{label}")
    try:
        database.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM {rows}")
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StepError(f"dataset '{label}': cannot be read: {reason}", "write its files again") from error
    return table


def _sha256(found: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in found:
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
