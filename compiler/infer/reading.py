"""Any data file as a table of DuckDB: what it really is, its encoding, its header, its rows."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..diagnostics import UsageError
from ..records import record

if TYPE_CHECKING:
    import duckdb

RAW = "raw"
CHUNK = 1 << 20
NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?", re.IGNORECASE)
ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a zip archive (an Excel workbook?)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"ARROW1": "a Feather file",
}


@record
class RawTable:
    """The rows of a file in the table ``raw`` of ``database``; the columns are named c0, c1, … there.

    ``changes`` are the reasons why the file cannot be read by the generated code as it stands.
    """

    database: duckdb.DuckDBPyConnection
    kind: str  # csv | parquet | json
    headers: tuple[str, ...]
    types: tuple[str, ...]  # DuckDB's, VARCHAR for every column of a CSV file
    changes: tuple[str, ...]
    delimiter: str | None = None


def read(file: Path, scratch: Path) -> RawTable:
    """The table in ``file``; UsageError says why there is none. ``scratch`` holds what must be decoded."""
    database = import_duckdb().connect()
    kind = kind_of(file)
    try:
        if kind == "csv":
            return _read_csv(database, file, scratch)
        reader = "read_parquet" if kind == "parquet" else "read_json_auto"
        database.execute(f"CREATE TABLE found AS SELECT * FROM {reader}(?)", [str(file)])
    except import_duckdb().Error as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f"{file} cannot be read: {reason}\n  help: is it really {kind}?") from error
    return _numbered(database, kind, [])


def import_duckdb() -> Any:
    """DuckDB, which only this part of the compiler needs."""
    try:
        return import_module("duckdb")
    except ImportError:
        message = "a data file is read with DuckDB, which is not installed"
        raise UsageError(f"{message}\n  help: pip install 'mlopsc[local]'") from None


def kind_of(file: Path) -> str:
    """What the file is, by its first bytes; UsageError where that is no table or its ending says otherwise."""
    if not file.is_file():
        raise UsageError(f"{file} {'is a folder' if file.is_dir() else 'does not exist'}\n  help: name a data file")
    with file.open("rb") as stream:
        head = stream.read(64)
    if not head.strip():
        raise UsageError(f"{file} is empty\n  help: it needs a header line and rows")
    expected = ENDINGS.get(file.suffix.lower(), "csv")
    found = next((what for sign, what in MAGIC.items() if head.startswith(sign)), None)
    if found == "gzip" and file.suffix == ".gz":
        return ENDINGS.get(Path(file.stem).suffix.lower(), "csv")
    found = found or ("text" if expected == "parquet" else expected)
    if found != expected:
        raise UsageError(f"{file} is not {expected}, as its ending says, but {found}\n  help: rename or convert it")
    return expected


def _read_csv(database: duckdb.DuckDBPyConnection, file: Path, scratch: Path) -> RawTable:
    text, changes = _as_utf8(file, scratch)
    database.execute("CREATE TABLE lines AS SELECT * FROM read_csv(?, all_varchar = true, header = false)", [str(text)])
    first = database.execute("SELECT * FROM lines LIMIT 1").fetchone() or ()
    if not first:
        raise UsageError(f"{file} holds no table\n  help: it needs a header line and rows")
    if _is_header(database, first):
        headers = [str(cell or "").strip() for cell in first]
        database.execute("CREATE TABLE found AS SELECT * FROM lines OFFSET 1")
    else:
        headers = [""] * len(first)
        changes = [*changes, "it has no header"]
        database.execute("CREATE TABLE found AS SELECT * FROM lines")
    sniffed = database.execute("SELECT Delimiter FROM sniff_csv(?)", [str(text)]).fetchone()
    return _numbered(database, "csv", changes, headers, delimiter=sniffed[0] if sniffed else None)


def _as_utf8(file: Path, scratch: Path) -> tuple[Path, list[str]]:
    """The file itself where it is UTF-8, else a decoded copy and the reason."""
    encoding = _encoding(file)
    if encoding == "utf-8":
        return file, []
    target = scratch / "decoded.csv"
    with _opened(file) as source, target.open("w", encoding="utf-8", newline="") as copy:
        decode = codecs.getincrementaldecoder(encoding)(errors="replace").decode
        while chunk := source.read(CHUNK):
            copy.write(decode(chunk))
    return target, [f"its encoding is {encoding}, not UTF-8"]


def _encoding(file: Path) -> str:
    with _opened(file) as stream:
        head = stream.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        check = codecs.getincrementaldecoder("utf-8")()
        try:
            check.decode(head)
            while chunk := stream.read(CHUNK):
                check.decode(chunk)
            check.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _opened(file: Path) -> Any:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _is_header(database: duckdb.DuckDBPyConnection, first: Sequence[str | None]) -> bool:
    """Whether the first line names the columns: no cell is a value, and none comes again in its own column."""
    cells = [(i, cell) for i, cell in enumerate(first) if cell is not None and cell.strip()]
    numeric = [i for i, cell in cells if _is_number(cell)]
    if not cells or len(numeric) * 2 > len(cells):
        return False
    columns = [row[0] for row in database.execute("DESCRIBE lines").fetchall()]
    again = [f"count(*) FILTER ({columns[i]} = {_literal(cell)}) > 1" for i, cell in cells]
    repeated = database.execute(f"SELECT {', '.join(again)} FROM lines").fetchone() or ()
    return sum(repeated) * 2 <= len(cells) and not numeric


def _numbered(
    database: duckdb.DuckDBPyConnection,
    kind: str,
    changes: Sequence[str],
    headers: Sequence[str] | None = None,
    delimiter: str | None = None,
) -> RawTable:
    """Name the columns of the table ``found`` by number, and call it ``raw``."""
    described = database.execute("DESCRIBE found").fetchall()
    names = [row[0] for row in described]
    renamed = ", ".join(f"{quoted(name)} AS c{i}" for i, name in enumerate(names))
    database.execute(f"CREATE VIEW {RAW} AS SELECT {renamed} FROM found")
    return RawTable(
        database=database,
        kind=kind,
        headers=tuple(headers if headers is not None else names),
        types=tuple(row[1] for row in described),
        changes=tuple(changes),
        delimiter=delimiter,
    )


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text.strip()))
