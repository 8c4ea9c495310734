# mypy: disable-error-code="import-untyped, import-not-found"
"""Reading a source as it is: find its files, look at them before trusting their ending, name what is wrong."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ..core import duck, paths
from ..core.config import Source
from ..core.errors import StepError
from .tracked import pull_hint

READERS = {
    "csv": "read_csv({files}, all_varchar = true, header = true)",
    "parquet": "read_parquet({files})",
    "json": "read_json({files})",
}
ENDINGS = {"csv": (".csv", ".tsv", ".txt", ".csv.gz"), "parquet": (".parquet", ".pq"), "json": (".json", ".jsonl")}
CHUNK = 1 << 20


def raw_table(database: duckdb.DuckDBPyConnection, source: Source, label: str) -> str:
    """Make the rows of ``source`` known to the database; the name of that table comes back."""
    table = duck.name(f"__raw_{label}")
    if source.kind == "sql":
        _query(database, source, label, table)
        return table
    files = _files(source, label)
    reader = READERS[source.kind].format(files="[" + ", ".join(duck.literal(file) for file in files) + "]")
    # A CSV or JSON file is parsed once, into memory; Parquet is read where it lies.
    kind = "VIEW" if source.kind == "parquet" else "TEMP TABLE"
    try:
        database.execute(f"CREATE OR REPLACE {kind} {table} AS SELECT * FROM {reader}")
    except duckdb.Error as error:
        raise _unreadable(source, label, error) from error
    return table


def fingerprint(source: Source, label: str) -> str | None:
    """The SHA-256 of the bytes of the source's files; None when they are not on this machine."""
    if source.kind == "sql" or "://" in str(source.path):
        return None
    digest = hashlib.sha256()
    for file in _files(source, label):
        with Path(file).open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def describe(source: Source) -> str:
    """The source in a word or two, without anything secret."""
    return str(source.path) if source.path else f"{str(source.url).partition('://')[0]} query"


def _files(source: Source, label: str) -> list[str]:
    path = source.path or ""
    if "://" in path:
        return [path]
    if any(sign in path for sign in "*?["):
        found = sorted(str(file) for file in paths.root().glob(path) if file.is_file())
        if not found:
            hint = pull_hint(path) or f"looked below {paths.root()}"
            raise StepError(f"dataset '{label}': no file matches {path}", hint)
        return found
    file = paths.root() / path
    if not file.is_file():
        raise _missing(file, path, label)
    _look_inside(file, source.kind, label)
    return [str(file)]


def _missing(file: Path, path: str, label: str) -> StepError:
    if file.is_dir():
        return StepError(f"dataset '{label}': {path} is a folder", "name a file, or all of its files: folder/*.parquet")
    beside = sorted(other.name for other in file.parent.glob("*") if other.stem.lower() == file.stem.lower())
    hint = f"there is {file.parent / beside[0]}" if beside else "put it there, or change 'path' of its source"
    hint = pull_hint(path) or hint
    return StepError(f"dataset '{label}': {file} does not exist", hint)


def _look_inside(file: Path, kind: str, label: str) -> None:
    with file.open("rb") as stream:
        head = stream.read(4096)
    where = f"dataset '{label}': {file}"
    if not head.strip():
        raise StepError(f"{where} is empty", "it needs a header line and rows" if kind == "csv" else "it needs rows")
    looks = _looks_like(head)
    if looks == kind or (looks == "text" and kind == "csv") or (looks == "gzip" and file.suffix == ".gz"):
        return
    if kind == "csv" and looks == "json" and not head.lstrip().startswith((b"{", b"[{")):
        return
    hint = f"set 'kind: {looks}' on its source" if looks in READERS else f"convert it to {kind} first"
    raise StepError(f"{where} is not a {kind} file: its content is {looks}", hint)


def _looks_like(head: bytes) -> str:
    magic = {b"PAR1": "parquet", b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip"}
    for sign, kind in magic.items():
        if head.startswith(sign):
            return kind
    if b"\x00" in head:
        return "binary"
    return "json" if re.match(rb"(\xef\xbb\xbf)?\s*[\[{]", head) else "text"


def _unreadable(source: Source, label: str, error: duckdb.Error) -> StepError:
    reason = str(error).strip().splitlines()[0]
    hint = f"is it really {source.kind}? Its endings are usually {', '.join(ENDINGS[source.kind])}"
    if "utf-8" in reason.lower() or "unicode" in reason.lower():
        hint = "save it as UTF-8"
    return StepError(f"dataset '{label}': cannot read {describe(source)}: {reason}", hint)


def _query(database: duckdb.DuckDBPyConnection, source: Source, label: str, table: str) -> None:
    try:
        import pyarrow as pa  # noqa: PLC0415 - only SQL sources need these two
        import sqlalchemy  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise StepError(f"dataset '{label}': the package '{error.name}' is not installed", "pip install it") from error
    try:
        engine = sqlalchemy.create_engine(_with_environment(str(source.url), label))
        with engine.connect() as link:
            result = link.execute(sqlalchemy.text(str(source.query)))
            names: Sequence[str] = list(result.keys())
            rows = [tuple(row) for row in result]
    except (sqlalchemy.exc.SQLAlchemyError, ModuleNotFoundError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StepError(f"dataset '{label}': the query failed: {reason}", "check 'url' and 'query'") from error
    content = pa.table({head: [row[i] for row in rows] for i, head in enumerate(names)})
    database.register("__query", content)
    database.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM __query")
    database.unregister("__query")


def _with_environment(url: str, label: str) -> str:
    def replace(match: re.Match[str]) -> str:
        variable = match.group(1)
        if variable not in os.environ:
            raise StepError(f"dataset '{label}': the environment variable {variable} is not set", "export it")
        return os.environ[variable]

    return re.sub(r"\$\{(\w+)\}", replace, url)
