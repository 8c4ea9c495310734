"""CSV, Parquet and JSON files as one table; what does not fit is named with its file and its line."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO

import duckdb

from ..core import duck
from ..core.errors import StepError
from .local import File

FILE = "__file"
"""The column that names the file of a row, where a source has several."""

DELIMITERS = ",;\t|"
PARTITION = re.compile(r"/([^/=]+)=[^/]*(?=/)")
LINE = re.compile(r"CSV Error on Line: (\d+)")
COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
IN_FILE = re.compile(r"""(?:file = |in file ")([^\n"]+)""")
FAMILIES = {
    "a number": r".*INT.*|FLOAT|DOUBLE|DECIMAL.*",
    "a text": r"VARCHAR|ENUM.*|UUID|.*JSON",
    "a time": r"TIMESTAMP.*|TIMESTAMP_.*",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table expression over files, with the columns that were found in them."""

    sql: str
    columns: dict[str, str]
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read: the files of one dataset, and the columns that somebody wants of them."""

    database: duckdb.DuckDBPyConnection
    label: str
    files: Sequence[File]
    names: Sequence[str]
    partitions: tuple[str, ...] = field(default=())

    @property
    def many(self) -> bool:
        """Whether rows need the name of their file."""
        return len(self.files) > 1

    def options(self) -> str:
        """What every reader is told: partitions of the path are columns, and text until they are typed."""
        parts = ", hive_partitioning = true, hive_types_autocast = false" if self.partitions else ""
        return parts + (f", filename = {duck.literal(FILE)}" if self.many else "")

    def trouble(self, file: str, what: str, hint: str) -> StepError:
        """A failure with its place."""
        return StepError(f"dataset '{self.label}': {file}{what}", hint)


def open_files(
    database: duckdb.DuckDBPyConnection, kind: str, label: str, found: Sequence[File], names: Sequence[str]
) -> Rows:
    """The columns ``names`` of the files; those that no file has are left out, and missing in some is a StepError."""
    readers: dict[str, Callable[[Reading], Rows]] = {"csv": _csv, "json": _json, "parquet": _parquet}
    return readers[kind](
        Reading(database=database, label=label, files=found, names=names, partitions=_partitions(found, label))
    )


def _partitions(found: Sequence[File], label: str) -> tuple[str, ...]:
    """The names in ``name=value`` folders, which all files must share."""
    first = tuple(PARTITION.findall("/" + found[0].name))
    for file in found:
        own = tuple(PARTITION.findall("/" + file.name))
        if own != first:
            message = f"dataset '{label}': {found[0].name} and {file.name} lie in different partitions"
            raise StepError(message, "every file needs the same name=value folders")
    return first


# --- CSV ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line of a CSV file."""

    names: tuple[str, ...]
    delimiter: str


def _csv(reading: Reading) -> Rows:
    """Every value as text; files follow one another in order, whatever the order of their columns."""
    headers = [(file, _header(reading, file)) for file in reading.files]
    first = headers[0][1]
    wanted = [name for name in reading.names if name in first.names or name in reading.partitions]
    for file, header in headers:
        _require(reading, file, [name for name in wanted if name not in (*header.names, *reading.partitions)])
    parts = [
        _csv_part(reading, header, [file for file, _ in group], wanted)
        for header, group in groupby(headers, key=lambda pair: pair[1])
    ]
    columns = dict.fromkeys((*first.names, *reading.partitions), "VARCHAR")
    return _staged(reading, " UNION ALL ".join(parts), columns, _csv_failure)


def _header(reading: Reading, file: File) -> Header:
    try:
        with _text(file.path) as stream:
            lines = list(_first_record(stream))
    except UnicodeDecodeError as error:
        raise _not_utf8(reading, file) from error
    except (OSError, EOFError) as error:
        raise reading.trouble(file.name, f" cannot be unpacked: {error}", "write or copy it again") from error
    read = {sign: next(csv.reader(lines, delimiter=sign), []) for sign in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda sign: len(read[sign]))
    names = tuple(name.strip() for name in read[delimiter])
    twice = [name for name in reading.names if names.count(name) > 1]
    if twice:
        raise reading.trouble(file.name, f", line 1: column '{twice[0]}' stands twice", "name every column once")
    return Header(names=names, delimiter=delimiter)


def _first_record(stream: IO[str]) -> Iterator[str]:
    """The lines of the header, which is more than one where a quoted name has a line break."""
    quotes = 0
    for line in stream:
        quotes += line.count('"')
        yield line
        if quotes % 2 == 0 and line.strip():
            return


def _csv_part(reading: Reading, header: Header, found: list[File], wanted: list[str]) -> str:
    # The dialect is given, not guessed: a guess takes a line with a missing value for the header, and drops what
    # stands before it.
    known = set(wanted) - set(reading.partitions)
    named = [name if name in known else f"__column_{place}" for place, name in enumerate(header.names)]
    columns = ", ".join(f"{duck.literal(name)}: 'VARCHAR'" for name in named)
    files = ", ".join(duck.literal(str(file.path)) for file in found)
    shown = ", ".join(duck.name(name) for name in [*wanted, *([FILE] if reading.many else [])]) or "1"
    return (
        f"SELECT {shown} FROM read_csv([{files}], auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = {duck.literal(header.delimiter)}, quote = '\"', escape = '\"'{reading.options()})"
    )


def _csv_failure(reading: Reading, error: duckdb.Error) -> StepError:
    text, file = str(error), _file_of(reading, error)
    line, counts = LINE.search(text), COUNTS.search(text)
    where = f", line {int(line[1]):,}" if line else ""
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return _not_utf8(reading, file)
    if counts:
        few = int(counts[2]) < int(counts[1])  # of too many only the first is counted
        what = f"{where}: {f'only {counts[2]}' if few else 'more'} values, and the header has {counts[1]}"
        return reading.trouble(file.name, what, "correct that line; a value with the delimiter in it needs quotes")
    if "unterminated quote" in text:
        return reading.trouble(file.name, f"{where}: a quote is opened and never closed", "close it, or double it")
    if file.path.suffix == ".gz":
        return reading.trouble(file.name, f" cannot be unpacked: {_reason(error)}", "write or copy it again")
    return reading.trouble(file.name, f"{where} cannot be read: {_reason(error)}", "correct that line")


def _not_utf8(reading: Reading, file: File) -> StepError:
    with _binary(file.path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                what = f", line {number:,} is not UTF-8: byte 0x{line[error.start]:02x} at position {error.start + 1}"
                return reading.trouble(file.name, what, "save the whole file as UTF-8")
    return reading.trouble(file.name, " is not UTF-8", "save the whole file as UTF-8")


# --- JSON --------------------------------------------------------------------------------------------------------


def _json(reading: Reading) -> Rows:
    """Every value as text: what a later line has in another type is judged by the declared type, row by row."""
    files = ", ".join(duck.literal(str(file.path)) for file in reading.files)
    try:
        sampled = duck.columns(reading.database, f"read_json([{files}]{reading.options()}, union_by_name = true)")
    except duckdb.Error as error:
        raise _json_failure(reading, error) from error
    sampled.pop(FILE, None)
    inside = [name for name in reading.names if name not in reading.partitions]
    columns = ", ".join(f"{duck.literal(name)}: 'VARCHAR'" for name in inside or ["__none"])
    shown = ", ".join(duck.name(name) for name in [*reading.names, *([FILE] if reading.many else [])]) or "1"
    query = f"SELECT {shown} FROM read_json([{files}], columns = {{{columns}}}{reading.options()})"
    rows = _staged(reading, query, dict.fromkeys(reading.names, "VARCHAR"), _json_failure)
    # The types and names are those of the first lines; a column that starts later has to be looked for.
    absent = [name for name in inside if name not in sampled and not _has_value(reading, rows, name)]
    found = [name for name in reading.names if name not in absent]
    return Rows(sql=rows.sql, columns=dict.fromkeys((*found, *sampled), "VARCHAR"), file=rows.file)


def _has_value(reading: Reading, rows: Rows, name: str) -> bool:
    query = f"SELECT 1 FROM {rows.sql} WHERE {duck.name(name)} IS NOT NULL LIMIT 1"
    return duck.value(reading.database, query) is not None


def _json_failure(reading: Reading, error: duckdb.Error) -> StepError:
    file = _file_of(reading, error)
    hint = "one JSON object per line, or one array of them"
    try:
        with _binary(file.path) as stream:
            head = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
            stream.seek(0)
            place = None if head.startswith(b"[") else _bad_line(stream)
    except (OSError, EOFError) as unpacked:
        return reading.trouble(file.name, f" cannot be unpacked: {unpacked}", "write or copy it again")
    if place is None:
        return reading.trouble(file.name, f" cannot be read: {_reason(error)}", hint)
    number, why = place
    return reading.trouble(file.name, f", line {number:,}: {why}", hint if "UTF-8" not in why else "save it as UTF-8")


def _bad_line(stream: IO[bytes]) -> tuple[int, str] | None:
    for number, line in enumerate(stream, start=1):
        try:
            value = json.loads(line.decode("utf-8-sig")) if line.strip() else {}
        except UnicodeDecodeError as error:
            return number, f"not UTF-8: byte 0x{line[error.start]:02x} at position {error.start + 1}"
        except ValueError as error:
            return number, f"not a JSON object: {error}"
        if not isinstance(value, dict):
            return number, f"a {type(value).__name__} and not a JSON object"
    return None


# --- Parquet -----------------------------------------------------------------------------------------------------


def _parquet(reading: Reading) -> Rows:
    """Read where it lies; files must agree on the types of the columns that are wanted."""
    kinds = [(file, _parquet_columns(reading, file)) for file in reading.files]
    first_file, first = kinds[0]
    for file, own in kinds[1:]:
        wanted = [name for name in reading.names if name in first and name not in reading.partitions]
        _require(reading, file, [name for name in wanted if name not in own])
        for name in wanted:
            if _family(own[name]) != _family(first[name]):
                what = f": column '{name}' is {own[name]}, and {first[name]} in {first_file.name}"
                raise reading.trouble(file.name, what, "write every file of a dataset with the same types")
    files = ", ".join(duck.literal(str(file.path)) for file in reading.files)
    sql = f"read_parquet([{files}], union_by_name = true{reading.options()})"
    columns = duck.columns(reading.database, sql)
    columns.pop(FILE, None)
    if not reading.partitions:
        return Rows(sql=sql, columns=columns, file=FILE if reading.many else None)
    shown = ", ".join(duck.name(name) for name in [*columns, *([FILE] if reading.many else [])])
    return Rows(sql=f"(SELECT {shown} FROM {sql})", columns=columns, file=FILE if reading.many else None)


def _parquet_columns(reading: Reading, file: File) -> dict[str, str]:
    try:
        return duck.columns(reading.database, duck.scan(file.path))
    except duckdb.Error as error:
        raise reading.trouble(file.name, f" is damaged: {_reason(error)}", "write or copy it again") from error


def _family(kind: str) -> str:
    return next((name for name, pattern in FAMILIES.items() if re.fullmatch(pattern, kind)), kind)


# --- what they share ---------------------------------------------------------------------------------------------


def _staged(
    reading: Reading, query: str, columns: dict[str, str], failure: Callable[[Reading, duckdb.Error], StepError]
) -> Rows:
    """Text is parsed once, into Parquet in the scratch folder: later passes read only the columns that they need."""
    target = duck.scratch(reading.database) / f"{reading.label}.parquet"
    try:
        reading.database.execute(f"COPY ({query}) TO {duck.literal(str(target))} (FORMAT parquet)")
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise StepError(f"cannot write {target}: {_reason(error)}", "check the free space") from error
        raise failure(reading, error) from error
    return Rows(sql=duck.scan(target), columns=columns, file=FILE if reading.many else None)


def _require(reading: Reading, file: File, missing: list[str]) -> None:
    if missing:
        what = f" has no column '{missing[0]}', which {reading.files[0].name} has"
        raise reading.trouble(file.name, what, "every file of a dataset needs the same columns")


def _file_of(reading: Reading, error: duckdb.Error) -> File:
    named = IN_FILE.search(str(error))
    return next((file for file in reading.files if named and str(file.path) == named[1].strip()), reading.files[0])


def _reason(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]


def _binary(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
