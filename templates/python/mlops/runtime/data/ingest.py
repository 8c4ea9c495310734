"""Step ``ingest``: every dataset of the model as typed Parquet, or a message that names row and column."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck, personal
from ..core.config import Column, Dataset, ModelConfig
from ..core.errors import StepError
from ..core.files import replacing_folder, write_json
from ..core.paths import Work
from . import source

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
"""What stands for a missing value in a text file, unless the column's ``allowed`` has it."""

DATE_FORMATS = (
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %b %Y",
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A raw column with the SQL that makes it what the contract says."""

    name: str
    type: str
    raw: str
    sql: str
    format: str | None = None
    pii: bool = False


def ingest(config: ModelConfig, work: Work) -> str:
    """Read, type and store every dataset of the model; what an earlier run stored stays until all of them are read."""
    report: dict[str, dict[str, object]] = {}
    with replacing_folder(work.ingest_report.parent) as folder:
        for label, dataset in config.training_data.items():
            with duck.connection() as database:
                report[label] = _ingest(database, config.model, label, dataset, folder / work.ingested(label).name)
        write_json(folder / work.ingest_report.name, {"datasets": report})
    return ", ".join(f"{label}: {_summary(entry)}" for label, entry in report.items())


def _ingest(
    database: duckdb.DuckDBPyConnection, model: str, label: str, dataset: Dataset, target: Path
) -> dict[str, object]:
    entry = {"source": source.describe(dataset.source), "columns": list(dataset.columns)}
    if dataset.source.since is not None:
        increment: Any = import_module(".increment", package=__package__)  # few sources are read bit by bit
        found: dict[str, object] = increment.ingest(database, model, label, dataset, target)
        return entry | found
    typed = typed_rows(database, label, dataset)
    rows = write(database, typed, label, target)
    digest = typed.raw.fingerprint() or content_hash(database, duck.scan(target))
    return entry | {"rows": rows, "sha256": digest, "date_formats": typed.formats}


def write(database: duckdb.DuckDBPyConnection, typed: TypedRows, label: str, target: Path, *, query: str = "") -> int:
    """Write typed rows, or a ``query`` over them, to a Parquet file; StepError where their source is damaged."""
    try:
        return duck.write(database, query or typed.query, target)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        message = f"dataset '{label}': {typed.raw.where} is damaged: {reason}"
        raise StepError(message, "write or copy its files again") from error


def content_hash(database: duckdb.DuckDBPyConnection, table: str) -> str:
    """A hash of the rows of a table that their order does not change: a query may give them in any.

    It is the SHA-256 of the number of rows and of the sum of the first 60 bits of each row's own SHA-256.
    """
    names = ", ".join(f"{duck.name(name)} := {duck.name(name)}" for name in duck.columns(database, table))
    row = f"CAST('0x' || sha256(CAST(to_json(struct_pack({names})) AS VARCHAR))[:15] AS UBIGINT)"
    count, total = database.execute(f"SELECT count(*), sum({row}) FROM {table}").fetchone() or (0, 0)
    return hashlib.sha256(f"{count} {total or 0}".encode()).hexdigest()


def _summary(entry: Mapping[str, object]) -> str:
    said = f"{entry['rows']:,} rows"
    if "new_rows" not in entry:
        return said
    late = f", {entry['late_rows']:,} of them late" if entry["late_rows"] else ""
    return f"{said} ({entry['new_rows']:,} new{late})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRows:
    """The rows of a dataset in their declared types: where they come from, the SQL, and the date formats it took."""

    raw: source.Raw
    query: str
    formats: dict[str, str]


def typed_query(
    database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, columns: Mapping[str, Column] | None = None
) -> tuple[str, dict[str, str]]:
    """SQL for the rows of ``dataset`` in their declared types, and the date formats that it took to read them."""
    typed = typed_rows(database, label, dataset, columns)
    return typed.query, typed.formats


def typed_rows(
    database: duckdb.DuckDBPyConnection,
    label: str,
    dataset: Dataset,
    columns: Mapping[str, Column] | None = None,
    *,
    after: object = None,
) -> TypedRows:
    """The rows of ``dataset`` in their declared types; those from ``after`` on, where the source is a query.

    StepError when a column is missing, when a value does not fit its type, and when there are no rows, unless only
    new ones were asked for. ``columns`` narrows the contract to those that are needed.
    """
    wanted = dict(columns if columns is not None else dataset.columns)
    raw = source.open_raw(database, dataset.source, label, list(wanted), after=after)
    _require_columns(label, raw.where, wanted, raw.columns)
    typed = _typed_columns(database, label, dataset, wanted, raw)
    selected = ", ".join(f"{item.sql} AS {duck.name(item.name)}" for item in typed)
    formats = {item.name: item.format for item in typed if item.format}
    return TypedRows(raw=raw, query=f"SELECT {selected} FROM {raw.table}", formats=formats)


def _typed_columns(
    database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, wanted: Mapping[str, Column], raw: source.Raw
) -> list[Typed]:
    try:
        if duck.count(database, raw.table) == 0 and dataset.source.since is None:
            hint = "it has a header only" if raw.text else "nothing can be learned from it"
            raise StepError(f"dataset '{label}': {raw.where} has no rows", hint)
        texts = {name: _present(name, column, raw.columns[name], text=raw.text) for name, column in wanted.items()}
        typed = [
            replace(_typed(database, raw.table, name, column.type, texts[name]), pii=column.pii)
            for name, column in wanted.items()
        ]
        _require_types(database, raw, label, typed)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StepError(
            f"dataset '{label}': {raw.where} is damaged: {reason}", "write or copy its files again"
        ) from error
    return typed


def _require_columns(label: str, where: str, wanted: Mapping[str, Column], found: Mapping[str, str]) -> None:
    missing = [name for name in wanted if name not in found]
    if not missing:
        return
    undeclared = [name for name in found if name not in wanted]
    near = difflib.get_close_matches(missing[0], undeclared, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"it has: {', '.join(found)}"
    names = ", ".join(f"'{name}'" for name in missing)
    plural = "s" if len(missing) > 1 else ""
    raise StepError(f"dataset '{label}': {where} has no column{plural} {names}", hint)


def _typed(database: duckdb.DuckDBPyConnection, table: str, name: str, kind: str, raw: str) -> Typed:
    chosen = _date_format(database, table, raw, kind) if kind in {"timestamp", "date"} else None
    sql = _cast(raw, kind)
    if chosen:
        sql = f"CAST(try_strptime(CAST({raw} AS VARCHAR), {duck.literal(chosen)}) AS {duck.TYPES[kind]})"
    return Typed(name=name, type=kind, raw=raw, sql=sql, format=chosen)


def _present(name: str, column: Column, found: str, *, text: bool) -> str:
    quoted = duck.name(name)
    if found in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END"
    if not text:
        return quoted
    kept = {str(value) for value in column.allowed or []}
    words = ", ".join(duck.literal(word) for word in MISSING if word not in kept)
    return f"CASE WHEN {quoted} IN ({words}) THEN NULL ELSE {quoted} END"


def _cast(raw: str, kind: str) -> str:
    if kind == "integer":  # a plain cast would round 3.7 to 4
        number = f"TRY_CAST({raw} AS DOUBLE)"
        return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({raw} AS BIGINT) END"
    if kind == "timestamp":  # an offset in the text counts, and what has none is UTC
        return f"TRY_CAST(TRY_CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP)"
    return f"TRY_CAST({raw} AS {duck.TYPES[kind]})"


def _date_format(database: duckdb.DuckDBPyConnection, table: str, raw: str, kind: str) -> str | None:
    """The first format that reads every value, when ISO 8601 does not; month first where both would."""
    if _first_bad(database, table, raw, _cast(raw, kind)) is None:
        return None
    formats = [date + clock for clock in CLOCKS for date in DATE_FORMATS]
    for candidate in formats:
        if _first_bad(database, table, raw, f"try_strptime(CAST({raw} AS VARCHAR), {duck.literal(candidate)})") is None:
            return candidate
    return None


def _first_bad(database: duckdb.DuckDBPyConnection, table: str, raw: str, parsed: str) -> object:
    query = f"SELECT {raw} FROM {table} WHERE ({raw}) IS NOT NULL AND ({parsed}) IS NULL LIMIT 1"
    return duck.value(database, query)


def _require_types(database: duckdb.DuckDBPyConnection, raw: source.Raw, label: str, typed: list[Typed]) -> None:
    counts = ", ".join(f"count(*) FILTER (WHERE {_is_bad(item)})" for item in typed)
    totals = database.execute(f"SELECT {counts} FROM {raw.table}").fetchone() or ()
    bad = [(item, int(total)) for item, total in zip(typed, totals, strict=True) if total]
    if not bad:
        return
    lines = [_complaint(database, raw, item, total) for item, total in bad]
    raise StepError(
        f"dataset '{label}': {raw.where} does not fit the declared types\n" + "\n".join(lines),
        "correct the values, or change the types of these columns",
    )


def _is_bad(item: Typed) -> str:
    return f"({item.raw}) IS NOT NULL AND ({item.sql}) IS NULL"


def _complaint(database: duckdb.DuckDBPyConnection, raw: source.Raw, item: Typed, total: int) -> str:
    file = duck.name(raw.file) if raw.file else "NULL"
    rows = database.execute(
        f"SELECT row - min(row) OVER (PARTITION BY file) + 1 AS inside, value, file, row FROM "
        f"(SELECT row_number() OVER () AS row, {item.raw} AS value, {_is_bad(item)} AS bad, {file} AS file "
        f"FROM {raw.table}) QUALIFY bad ORDER BY row LIMIT {SHOWN}"
    ).fetchall()
    shown = ", ".join(
        f"{personal.shown(str(value), pii=item.pii)} in row {row:,}{_in_file(name)}" for row, value, name, _ in rows
    )
    more = f" and {total - len(rows):,} more" if total > len(rows) else ""
    return f"  column '{item.name}' is not {item.type}: {shown}{more}"


def _in_file(name: str | None) -> str:
    return f" of {Path(name).name}" if name else ""
