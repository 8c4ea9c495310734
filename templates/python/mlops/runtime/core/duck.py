"""The embedded database: connections that behave the same on every machine, and quoting."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

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


SHARE = 0.5
"""The part of the machine's memory that one step may use; what does not fit goes to the disk."""

SMALLEST = 256 << 20
CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose clock is UTC; what does not fit into memory goes to the home, until it is closed."""
    folder = paths.home() / "tmp" / f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:8]}"
    try:
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            database.execute("SET enable_progress_bar = false")
            database.execute(f"SET temp_directory = {literal(str(folder))}")
            _limit_memory(database)
            yield database
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _limit_memory(database: duckdb.DuckDBPyConnection) -> None:
    """What a step takes before it uses the disk: MLOPS_MEMORY, else half of what this process may have."""
    given = os.environ.get("MLOPS_MEMORY")
    limit = given or f"{max(int(_memory() * SHARE), SMALLEST) >> 20}MiB"
    try:
        database.execute(f"SET memory_limit = {literal(limit)}")
    except duckdb.Error as error:
        raise StepError(f"MLOPS_MEMORY is '{limit}', which is no amount of memory", "write one such as 4GB") from error


def _memory() -> int:
    """Bytes of memory: of the machine, of the container, or of the process, whichever is least."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in CONTAINER_LIMITS:
        with suppress(OSError, ValueError):  # no such group, or "max"
            sizes.append(int(Path(file).read_text(encoding="ascii")))
    with suppress(ImportError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        sizes.extend([limit] if limit != resource.RLIM_INFINITY else [])
    return min(sizes)


def scratch(database: duckdb.DuckDBPyConnection) -> Path:
    """A folder for what is read while the database is open; it goes when the database is closed."""
    folder = Path(str(value(database, "SELECT current_setting('temp_directory')")))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StepError(f"cannot write to {folder}: {error.strerror}", "MLOPS_HOME can name another folder") from error
    for other in folder.parent.glob(f"{socket.gethostname()}.*.*"):
        if not _runs(int(other.name.rsplit(".", 2)[1])):  # it was killed, and could not tidy up
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _runs(process: int) -> bool:
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
