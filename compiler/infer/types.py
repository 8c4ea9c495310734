"""What the cells of a column are: the first type that all of them have, and the SQL that makes them so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from ..records import record
from .reading import RAW, RawTable

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
"""What the generated code takes for a missing value in a text file."""

ALSO_MISSING = ("?", "-", "--", ".", "None", "none", "n/a", "#N/A", "na", "N.A.", "missing", "Missing", "\\N")
"""What is a missing value as well, where everything else in the column has a type."""

DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y")
MORE_DATES = ("%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M")
COMPACT = "%Y%m%d"
WHOLE = "(0|[1-9][0-9]*)"
LEADING = "(0|[1-9][0-9]{0,2})"
FEW = 20

EXACT = {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string", "UUID": "string", "TIME": "string"}
INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
FLOATS = frozenset({"FLOAT", "DOUBLE", "HUGEINT", "UBIGINT", "UHUGEINT"})


@record
class TypedColumn:
    """A column with its type; ``sql`` reads it from the raw table, ``change`` says what the plain cast could not."""

    header: str
    name: str
    type: str | None  # None: neither a value nor anything that a model could use
    sql: str
    change: str | None = None


@record
class _Try:
    """One way to read a text: ``sql`` gives null where it fails, ``fits`` says whether one text is worth trying."""

    type: str
    sql: str
    fits: Callable[[str], bool]
    pattern: str | None = None  # what the text must look like besides
    change: str | None = None


def typed(table: RawTable, names: tuple[str, ...]) -> tuple[TypedColumn, ...]:
    """Every column of the table with its type and its new name."""
    found = []
    for number, (header, name, kind) in enumerate(zip(table.headers, names, table.types, strict=True)):
        column = f"c{number}"
        maker = _from_text if table.kind == "csv" else _from_type
        found.append(maker(table, column, header, name, kind))
    return tuple(found)


def _from_type(table: RawTable, column: str, header: str, name: str, kind: str) -> TypedColumn:
    """A column whose file says what it is."""
    del table
    change = None
    if kind in EXACT or kind.startswith(("ENUM", "TIMESTAMP")):
        dtype = EXACT.get(kind) or ("timestamp" if kind.startswith("TIMESTAMP") else "string")
        sql = {"string": f"{column}::VARCHAR", "timestamp": f"{column}::TIMESTAMP"}.get(dtype, column)
    elif kind in INTEGERS:
        dtype, sql = "integer", f"{column}::BIGINT"
    elif kind in FLOATS or kind.startswith("DECIMAL"):
        dtype, sql = "float", f"{column}::DOUBLE"
    else:
        return TypedColumn(header=header, name=name, type=None, sql=column)
    return TypedColumn(header=header, name=name, type=dtype, sql=sql, change=change)


def _from_text(table: RawTable, column: str, header: str, name: str, kind: str) -> TypedColumn:
    """A column of texts: the first type that fits every cell, with as few words for 'missing' as possible."""
    del kind
    for missing, change in ((MISSING, None), (MISSING + ALSO_MISSING, "other words for a missing value")):
        value = f"CASE WHEN trim({column}) NOT IN ({_list(missing)}) THEN trim({column}) END"
        if not _count(table, f"{value} IS NOT NULL"):
            return TypedColumn(header=header, name=name, type=None, sql=value, change=change)
        few = _few(table, value)
        for attempt in _attempts(value, comma_first=table.delimiter == ";"):
            if all(map(attempt.fits, few)) and _fits(table, value, attempt):
                why = attempt.change or change
                return TypedColumn(header=header, name=name, type=attempt.type, sql=attempt.sql, change=why)
    plain = f"CASE WHEN trim({column}) NOT IN ({_list(MISSING)}) THEN {column} END"
    return TypedColumn(header=header, name=name, type="string", sql=plain)


def _fits(table: RawTable, value: str, attempt: _Try) -> bool:
    """Whether every cell can be read so."""
    looks = f"AND regexp_full_match({value}, '{attempt.pattern}')" if attempt.pattern else ""
    return not _count(table, f"{value} IS NOT NULL AND NOT (({attempt.sql}) IS NOT NULL {looks})")


def _attempts(value: str, *, comma_first: bool) -> Iterator[_Try]:
    """Ways to read a text, from the strictest to the loosest."""
    yield _matching("boolean", f"TRY_CAST({value} AS BOOLEAN)", "(?i)true|false")
    yield _matching("integer", f"TRY_CAST({value} AS BIGINT)", f"[+-]?{WHOLE}")
    yield _matching("float", f"TRY_CAST({value} AS DOUBLE)", f"(?i)[+-]?({WHOLE}([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?")
    numbers = list(_decorated_numbers(value))
    yield from reversed(numbers) if comma_first else numbers
    yield _matching("date", f"TRY_CAST({value} AS DATE)", "[0-9]{4}-[0-9]{2}-[0-9]{2}")
    yield _matching("timestamp", f"TRY_CAST({value} AS TIMESTAMP)", "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*")
    yield from _dates(value)


def _matching(dtype: str, sql: str, pattern: str, change: str | None = None) -> _Try:
    """An attempt on texts that match ``pattern`` as a whole."""
    match = re.compile(pattern).fullmatch
    return _Try(type=dtype, sql=sql, fits=lambda text: match(text) is not None, pattern=pattern, change=change)


def _decorated_numbers(value: str) -> Iterator[_Try]:
    sign, unit = "[$€£¥ ]*[+-]?[$€£¥ ]*", "[$€£¥% ]*"
    bare = f"regexp_replace({value}, '[$€£¥% ]', '', 'g')"
    comma, thousands = f"replace(replace({bare}, '.', ''), ',', '.')", f"replace({bare}, ',', '')"
    plain = f"{sign}{WHOLE}([.][0-9]+)?{unit}"
    grouped = f"{sign}{LEADING}(,[0-9]{{3}})*([.][0-9]+)?{unit}"
    decimal = f"{sign}({LEADING}([.][0-9]{{3}})*|{WHOLE})(,[0-9]+)?{unit}"
    yield _matching("float", f"TRY_CAST({bare} AS DOUBLE)", plain, "a currency or percent sign")
    yield _matching("float", f"TRY_CAST({thousands} AS DOUBLE)", grouped, "commas between thousands")
    yield _matching("float", f"TRY_CAST({comma} AS DOUBLE)", decimal, "decimal commas")


def _dates(value: str) -> Iterator[_Try]:
    """Dates as people write them; where day and month could be either way round, the day is taken to come first."""
    for day in (*DATES, *MORE_DATES):
        for clock in CLOCKS:
            if day == COMPACT and not clock:
                continue  # eight digits are a number
            dtype = "timestamp" if clock else "date"
            sql = f"try_strptime({value}, '{day}{clock}')"
            sql = f"{sql}::DATE" if dtype == "date" else sql
            yield _Try(type=dtype, sql=sql, fits=_like(day + clock), change=f"dates as {day}{clock}")


def _like(form: str) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007  (only whether it can be read)
        except ValueError:
            return False
        return True

    return fits


def _few(table: RawTable, value: str) -> list[str]:
    """Some texts of a column: most attempts fail on them already."""
    query = f"SELECT DISTINCT cell FROM (SELECT {value} AS cell FROM {RAW}) WHERE cell IS NOT NULL LIMIT {FEW}"
    return [str(row[0]) for row in table.database.execute(query).fetchall()]


def _count(table: RawTable, condition: str) -> int:
    row = table.database.execute(f"SELECT count(*) FROM {RAW} WHERE {condition}").fetchone()
    return int(row[0]) if row else 0


def _list(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
