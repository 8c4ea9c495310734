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
FOUND = "found"
CHUNK = 1 << 20
AT_ONCE = 20
"""Columns that one query asks about: the time to plan a query grows with the square of what it asks."""
MOST_CELLS = 20_000_000
"""More cells than these are not taken into memory: a sample of the rows is."""
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
    everything: str = FOUND
    """All the rows, as ``raw`` has them, where that is a sample; read from the file each time."""
    sampled: bool = False


def read(file: Path, scratch: Path, most_cells: int = MOST_CELLS) -> RawTable:
    """The table in ``file``; UsageError says why there is none. ``scratch`` holds what must be decoded.

    Of a file with more than ``most_cells`` cells, a sample of the rows is taken.
    """
    database = import_duckdb().connect()
    database.execute("SET enable_progress_bar = false")
    # Of many IN lists in one query it makes joins, one after the other: hours for a thousand columns.
    database.execute("SET disabled_optimizers = 'in_clause'")
    database.execute(f"SET temp_directory = {_literal(str(scratch / 'spilled'))}")
    kind = kind_of(file)
    try:
        if kind == "csv":
            return _read_csv(database, file, scratch, most_cells)
        return _read_typed(database, file, kind, most_cells)
    except import_duckdb().Error as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f"{file} cannot be read: {reason}\n  help: is it really {kind}?") from error


def asked(
    database: duckdb.DuckDBPyConnection, table: str, expressions: Sequence[Sequence[str]]
) -> list[tuple[Any, ...]]:
    """One row of answers per group of ``expressions``, some groups at a time."""
    answers: list[tuple[Any, ...]] = []
    for start in range(0, len(expressions), AT_ONCE):
        some = expressions[start : start + AT_ONCE]
        listed = ", ".join(expression for group in some for expression in group)
        row = iter(database.execute(f"SELECT {listed} FROM {table}").fetchone() or ())
        answers += [tuple(next(row) for _ in group) for group in some]
    return answers


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


def _read_typed(database: duckdb.DuckDBPyConnection, file: Path, kind: str, most_cells: int) -> RawTable:
    """A file that says what its columns are; nothing of it is copied but the sample of a large one."""
    reader = "read_parquet" if kind == "parquet" else "read_json_auto"
    described = database.execute(f"DESCRIBE SELECT * FROM {reader}({_literal(str(file))})").fetchall()
    names = [row[0] for row in described]
    listed = ", ".join(f"{quoted(name)} AS c{i}" for i, name in enumerate(names))
    database.execute(f"CREATE VIEW {FOUND} AS SELECT {listed} FROM {reader}({_literal(str(file))})")
    if kind == "parquet":
        counted = database.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(file)]).fetchone()
        rows = int(counted[0] or 0) if counted else 0
    else:
        rows = _estimated_rows(file)
    sample = _sample(rows * len(names), most_cells)
    kept = "TABLE" if sample or kind == "json" else "VIEW"
    database.execute(f"CREATE {kept} {RAW} AS SELECT * FROM {FOUND}{sample}")
    types = tuple(row[1] for row in described)
    return RawTable(database=database, kind=kind, headers=tuple(names), types=types, changes=(), sampled=bool(sample))


def _read_csv(database: duckdb.DuckDBPyConnection, file: Path, scratch: Path, most_cells: int) -> RawTable:
    """The cells as texts: the dialect is found out once, and the rows are read with it."""
    text, changes = _as_utf8(file, scratch)
    dialect = _dialect(database, text)
    first = database.execute(f"SELECT * FROM {dialect.reader(text)} LIMIT 1").fetchone() if dialect else None
    if dialect is None or not first:
        raise UsageError(f"{file} holds no table\n  help: it needs a header line and rows")
    sample = _sample(_estimated_rows(text) * dialect.width, most_cells)
    rows = dialect.reader(text, without=int(bool(sample)))  # a sample could have the header, or not
    database.execute(f"CREATE TABLE {RAW} AS SELECT * FROM {rows}{sample}")
    named = _is_header(database, first, counted=not sample)
    headers = [str(cell or "").strip() if named else "" for cell in first]
    if named and not sample:
        database.execute(f"DELETE FROM {RAW} WHERE rowid = 0")
    database.execute(f"CREATE VIEW {FOUND} AS SELECT * FROM {dialect.reader(text, without=int(named))}")
    return RawTable(
        database=database,
        kind="csv",
        headers=tuple(headers),
        types=("VARCHAR",) * dialect.width,
        changes=tuple(changes if named else [*changes, "it has no header"]),
        delimiter=dialect.delimiter or None,
        sampled=bool(sample),
    )


@record
class _Dialect:
    """How a CSV file is written."""

    delimiter: str
    quote: str
    escape: str
    comment: str
    skipped: int
    width: int

    def reader(self, file: Path, *, without: int = 0) -> str:
        """The table function for the rows of ``file`` as texts, its first ``without`` lines left out."""
        columns = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(self.width)) + "}"
        signs = {"delim": self.delimiter, "quote": self.quote, "escape": self.escape, "comment": self.comment}
        given = "".join(f", {name} = {_literal(sign)}" for name, sign in signs.items() if name != "comment" or sign)
        return (
            f"read_csv({_literal(str(file))}, auto_detect = false, header = false, columns = {columns}, "
            f"skip = {self.skipped + without}{given})"
        )


def _dialect(database: duckdb.DuckDBPyConnection, file: Path) -> _Dialect | None:
    sniffed = database.execute(
        'SELECT Delimiter, "Quote", "Escape", Comment, SkipRows, len(Columns) '
        "FROM sniff_csv(?, all_varchar = true, header = false)",
        [str(file)],
    ).fetchone()
    if sniffed is None:
        return None
    signs = ["" if sign in {None, "(empty)"} else str(sign) for sign in sniffed[:4]]
    names = ("delimiter", "quote", "escape", "comment")
    return _Dialect(**dict(zip(names, signs, strict=True)), skipped=int(sniffed[4]), width=int(sniffed[5]))


def _sample(cells: int, most_cells: int) -> str:
    """The clause that leaves about ``most_cells`` of the cells, rows by chance."""
    return "" if cells <= most_cells else f" USING SAMPLE {most_cells / cells * 100:.6f} PERCENT (bernoulli, 7)"


def _estimated_rows(file: Path) -> int:
    """How many lines the file has, judged by its first ones."""
    with _opened(file) as stream:
        head = stream.read(CHUNK)
        read = _position(stream) if file.suffix == ".gz" else len(head)
    lines = max(head.count(b"\n"), 1)
    return max(int(lines * file.stat().st_size / max(read, 1)), 1)


def _position(stream: gzip.GzipFile) -> int:
    """How many of the packed bytes have been read."""
    packed: Any = stream.fileobj
    return int(packed.tell())


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


def _is_header(database: duckdb.DuckDBPyConnection, first: Sequence[str | None], *, counted: bool) -> bool:
    """Whether the first line names the columns: no cell is a value, and none comes again in its own column.

    ``counted`` says whether the line itself is among the rows.
    """
    cells = [(i, cell) for i, cell in enumerate(first) if cell is not None and cell.strip()]
    if not cells or any(_is_number(cell) for _, cell in cells):
        return False
    again = [[f"count(*) FILTER (c{i} = {_literal(cell)})"] for i, cell in cells]
    repeated = sum(int(count) > counted for (count,) in asked(database, RAW, again))
    return repeated * 2 <= len(cells)


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text.strip()))
