"""The embedded database: connections that behave the same on every machine, and quoting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from . import paths
from .errors import StepError
from .files import replacing

TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}
"""The DuckDB type of each column type of the spec."""


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose clock is UTC; what does not fit into memory goes to the home."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET enable_progress_bar = false")
        database.execute(f"SET temp_directory = {literal(str(paths.home() / 'tmp'))}")
        yield database


def name(identifier: str) -> str:
    """An identifier as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def scan(path: Path) -> str:
    """The rows of a Parquet file as a table expression."""
    return f"read_parquet({literal(str(path))})"


def view(database: duckdb.DuckDBPyConnection, label: str, path: Path) -> None:
    """Make the Parquet file known as the table ``label``."""
    database.execute(f"CREATE OR REPLACE VIEW {name(label)} AS SELECT * FROM {scan(path)}")


def batches(database: duckdb.DuckDBPyConnection, query: str, rows: int) -> Iterator[Any]:
    """The result of ``query`` as Arrow record batches of about so many ``rows``, one in memory at a time."""
    relation = database.sql(query)  # execute() would hold all of it in memory
    read = relation.to_arrow_reader if hasattr(relation, "to_arrow_reader") else relation.fetch_record_batch
    yield from read(rows)


def arrow(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The result of ``query`` as an Arrow table, all of it in memory."""
    relation = database.sql(query)
    return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.fetch_arrow_table()


def write(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write the rows of ``query`` to a Parquet file, atomically; the number of rows comes back."""
    with replacing(path) as temporary:
        target = literal(str(temporary))
        try:
            written = database.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)").fetchall()
        except duckdb.IOException as error:
            reason = str(error).strip().splitlines()[0]
            raise StepError(f"cannot write {path}: {reason}", "check the free space and the permissions") from error
    return int(written[0][0])


def value(database: duckdb.DuckDBPyConnection, query: str) -> object:
    """The first column of the first row of ``query``; None when there is no row."""
    rows = database.execute(query).fetchall()  # to the end: an unfinished result would block the connection
    return rows[0][0] if rows else None


def count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    """The number of rows of a table expression."""
    return int(str(value(database, f"SELECT count(*) FROM {table}")))


def columns(database: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table expression and their DuckDB types, in order."""
    return {str(row[0]): str(row[1]) for row in database.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
