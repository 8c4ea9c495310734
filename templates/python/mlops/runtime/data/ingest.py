"""Step ``ingest``: every dataset of the model as typed Parquet, or a message that names row and column."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb

from ..core import duck, personal
from ..core.config import Column, Dataset, ModelConfig
from ..core.errors import StepError
from ..core.files import write_json
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
    """Read, type and store every dataset of the model."""
    report = {}
    for label, dataset in config.training_data.items():
        with duck.connection() as database:
            query, formats = typed_query(database, label, dataset)
            rows = duck.write(database, query, work.ingested(label))
        report[label] = {
            "source": source.describe(dataset.source),
            "rows": rows,
            "columns": list(dataset.columns),
            "sha256": source.fingerprint(dataset.source, label),
            "date_formats": formats,
        }
    write_json(work.ingest_report, {"datasets": report})
    return ", ".join(f"{label}: {entry['rows']:,} rows" for label, entry in report.items())


def typed_query(
    database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, columns: Mapping[str, Column] | None = None
) -> tuple[str, dict[str, str]]:
    """SQL for the rows of ``dataset`` in their declared types, and the date formats that it took to read them.

    StepError when a column is missing, when a value does not fit its type, and when there are no rows. ``columns``
    narrows the contract to those that are needed.
    """
    table = source.raw_table(database, dataset.source, label)
    wanted = dict(columns if columns is not None else dataset.columns)
    found = duck.columns(database, table)
    _require_columns(label, source.describe(dataset.source), wanted, found)
    if duck.count(database, table) == 0:
        raise StepError(f"dataset '{label}': {source.describe(dataset.source)} has no rows", "it has a header only")
    text = dataset.source.kind == "csv"
    raw = {name: _present(name, column, found[name], text=text) for name, column in wanted.items()}
    typed = [
        replace(_typed(database, table, name, column.type, raw[name]), pii=column.pii)
        for name, column in wanted.items()
    ]
    _require_types(database, table, label, source.describe(dataset.source), typed)
    selected = ", ".join(f"{item.sql} AS {duck.name(item.name)}" for item in typed)
    return f"SELECT {selected} FROM {table}", {item.name: item.format for item in typed if item.format}


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


def _require_types(database: duckdb.DuckDBPyConnection, table: str, label: str, where: str, typed: list[Typed]) -> None:
    counts = ", ".join(f"count(*) FILTER (WHERE {_is_bad(item)})" for item in typed)
    totals = database.execute(f"SELECT {counts} FROM {table}").fetchone() or ()
    bad = [(item, int(total)) for item, total in zip(typed, totals, strict=True) if total]
    if not bad:
        return
    lines = [_complaint(database, table, item, total) for item, total in bad]
    raise StepError(
        f"dataset '{label}': {where} does not fit the declared types\n" + "\n".join(lines),
        "correct the values, or change the types of these columns",
    )


def _is_bad(item: Typed) -> str:
    return f"({item.raw}) IS NOT NULL AND ({item.sql}) IS NULL"


def _complaint(database: duckdb.DuckDBPyConnection, table: str, item: Typed, total: int) -> str:
    rows = database.execute(
        f"SELECT row, value FROM (SELECT row_number() OVER () AS row, {item.raw} AS value, {_is_bad(item)} AS bad "
        f"FROM {table}) WHERE bad ORDER BY row LIMIT {SHOWN}"
    ).fetchall()
    shown = ", ".join(f"{personal.shown(str(value), pii=item.pii)} in row {row:,}" for row, value in rows)
    more = f" and {total - len(rows):,} more" if total > len(rows) else ""
    return f"  column '{item.name}' is not {item.type}: {shown}{more}"
