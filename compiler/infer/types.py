"""What the cells of a column are: the first type that all of them have, and the SQL that makes them so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..records import record
from .reading import RAW, RawTable, asked

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
FEW = 100
"""Rows whose cells are tried before the database is asked."""
VALUE = "$value"
"""Where the SQL of an attempt has the cell."""

DATED = re.compile(r"\d\D+\d|^\d{8}$|\d{4}")
"""What every date has: two numbers, or the digits of one."""
NESTED = {"STRUCT": "a record", "MAP": "a map", "UNION": "a union", "BLOB": "bytes", "JSON": "a JSON value"}

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
    why: str = ""  # it has no type
    raw: str = ""  # the cell as text, null where it stands for a missing value


@record
class _Try:
    """One way to read a text: ``sql`` gives null where it fails, ``fits`` says whether one text is worth trying."""

    type: str
    sql: str
    fits: Callable[[str], bool]
    pattern: str | None = None  # what the text must look like besides
    change: str | None = None


@dataclass(slots=True, kw_only=True)
class _Search:
    """The way of one column from the strictest type to text, past every cell that spoke against one."""

    column: str
    header: str
    name: str
    ways: Iterator[tuple[_Try, tuple[str, ...], str | None]]  # the attempt, what is missing, and why that is a change
    seen: set[str] = field(default_factory=set)
    way: tuple[_Try, tuple[str, ...], str | None] | None = None

    def go_on(self) -> None:
        """The next attempt that no cell seen so far speaks against; None where none is left."""
        for way in self.ways:
            attempt, missing, _ = way
            if all(attempt.fits(cell) for cell in self.seen if cell not in missing):
                self.way = way
                return
        self.way = None

    @property
    def sql(self) -> str:
        """The cell in the type of the attempt."""
        if self.way is None:
            return f"CASE WHEN trim({self.column}) NOT IN ({_list(MISSING)}) THEN {self.column} END"
        attempt, missing, _ = self.way
        return attempt.sql.replace(VALUE, _present(self.column, missing))

    @property
    def question(self) -> str:
        """A cell that the attempt cannot read."""
        if self.way is None:
            return "NULL"
        attempt, missing, _ = self.way
        value = _present(self.column, missing)
        looks = f"AND regexp_full_match({value}, '{attempt.pattern}')" if attempt.pattern else ""
        return f"any_value({value}) FILTER ({value} IS NOT NULL AND NOT (({self.sql}) IS NOT NULL {looks}))"

    @property
    def answer(self) -> TypedColumn:
        """The column as the attempt has it."""
        if self.way is None:
            return TypedColumn(header=self.header, name=self.name, type="string", sql=self.sql)
        attempt, missing, change = self.way
        return TypedColumn(
            header=self.header,
            name=self.name,
            type=attempt.type,
            sql=self.sql,
            change=attempt.change or change,
            raw=_present(self.column, missing),
        )


def typed(table: RawTable, names: tuple[str, ...]) -> tuple[TypedColumn, ...]:
    """Every column of the table with its type and its new name."""
    columns = [
        (f"c{number}", header, name) for number, (header, name) in enumerate(zip(table.headers, names, strict=True))
    ]
    if table.kind == "csv":
        return _from_texts(table, columns)
    kinds = zip(columns, table.types, strict=True)
    return tuple(_from_type(column, header, name, kind) for (column, header, name), kind in kinds)


def _from_type(column: str, header: str, name: str, kind: str) -> TypedColumn:
    """A column whose file says what it is."""
    if kind in EXACT or (kind.startswith(("ENUM", "TIMESTAMP")) and not kind.endswith("]")):
        dtype = EXACT.get(kind) or ("timestamp" if kind.startswith("TIMESTAMP") else "string")
        sql = {"string": f"{column}::VARCHAR", "timestamp": f"{column}::TIMESTAMP"}.get(dtype, column)
    elif kind in INTEGERS:
        dtype, sql = "integer", f"{column}::BIGINT"
    elif kind in FLOATS or (kind.startswith("DECIMAL") and not kind.endswith("]")):
        dtype, sql = "float", f"{column}::DOUBLE"
    else:
        return TypedColumn(header=header, name=name, type=None, sql=column, why=_nested(kind))
    return TypedColumn(header=header, name=name, type=dtype, sql=sql)


def _nested(kind: str) -> str:
    """Why a column of such a type cannot be taken as it is."""
    shape = (
        "a list" if kind.endswith("]") else next((what for sign, what in NESTED.items() if kind.startswith(sign)), "")
    )
    return f"{shape} in every cell: make columns of its parts" if shape else ""


def _from_texts(table: RawTable, columns: list[tuple[str, str, str]]) -> tuple[TypedColumn, ...]:
    """Columns of texts: the first type that fits every cell, with as few words for 'missing' as possible.

    All columns go through their attempts side by side, so that one query asks about many of them.
    """
    everything = MISSING + ALSO_MISSING
    filled = asked(
        table.database,
        RAW,
        [[f"any_value({_present(column, words)})" for words in (MISSING, everything)] for column, _, _ in columns],
    )
    few = table.database.execute(f"SELECT * FROM {RAW} LIMIT {FEW}").fetchall()
    seen = [{row[place].strip(" ") for row in few if row[place] is not None} for place in range(len(columns))]
    answers: dict[str, TypedColumn] = {}
    searches = []
    ways = _ways(comma_first=table.delimiter == ";")
    for (column, header, name), (any_cell, a_value), cells in zip(columns, filled, seen, strict=True):
        if a_value is None:
            change = "other words for a missing value" if any_cell is not None else None
            value = _present(column, everything)
            answers[column] = TypedColumn(header=header, name=name, type=None, sql=value, change=change)
        else:
            known = (cells | {any_cell, a_value}) - set(MISSING)
            searches.append(_Search(column=column, header=header, name=name, ways=iter(ways), seen=known))
    while searches:
        for search in searches:
            search.go_on()
        answers |= {search.column: search.answer for search in searches if search.way is None}
        searches = [search for search in searches if search.way is not None]
        found = asked(table.database, RAW, [[search.question] for search in searches])
        answers |= {
            search.column: search.answer for search, (cell,) in zip(searches, found, strict=True) if cell is None
        }
        for search, (cell,) in zip(searches, found, strict=True):
            search.seen.add(cell)
        searches = [search for search, (cell,) in zip(searches, found, strict=True) if cell is not None]
    return tuple(answers[column] for column, _, _ in columns)


def lost_by(column: TypedColumn) -> str:
    """The condition under which reading a cell so loses it."""
    raw = column.raw or column.sql
    return f"({raw}) IS NOT NULL AND ({column.sql}) IS NULL"


def _present(column: str, missing: tuple[str, ...]) -> str:
    return f"CASE WHEN trim({column}) NOT IN ({_list(missing)}) THEN trim({column}) END"


def _ways(*, comma_first: bool) -> list[tuple[_Try, tuple[str, ...], str | None]]:
    """Every way to read a column, from the strictest to the loosest."""
    attempts = list(_attempts(comma_first=comma_first))
    missing = ((MISSING, None), (MISSING + ALSO_MISSING, "other words for a missing value"))
    return [(attempt, words, change) for words, change in missing for attempt in attempts]


def _attempts(*, comma_first: bool) -> Iterator[_Try]:
    """Ways to read a text, from the strictest to the loosest."""
    yield _matching("boolean", f"TRY_CAST({VALUE} AS BOOLEAN)", "(?i)true|false")
    yield _matching("integer", f"TRY_CAST({VALUE} AS BIGINT)", f"[+-]?{WHOLE}")
    yield _matching("float", f"TRY_CAST({VALUE} AS DOUBLE)", f"(?i)[+-]?({WHOLE}([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?")
    numbers = list(_decorated_numbers())
    yield from reversed(numbers) if comma_first else numbers
    yield _matching("date", f"TRY_CAST({VALUE} AS DATE)", "[0-9]{4}-[0-9]{2}-[0-9]{2}")
    yield _matching("timestamp", f"TRY_CAST({VALUE} AS TIMESTAMP)", "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*")
    yield from _dates()


def _matching(dtype: str, sql: str, pattern: str, change: str | None = None) -> _Try:
    """An attempt on texts that match ``pattern`` as a whole."""
    match = re.compile(pattern).fullmatch
    return _Try(type=dtype, sql=sql, fits=lambda text: match(text) is not None, pattern=pattern, change=change)


def _decorated_numbers() -> Iterator[_Try]:
    sign, unit = "[$€£¥ ]*[+-]?[$€£¥ ]*", "[$€£¥% ]*"
    bare = f"regexp_replace({VALUE}, '[$€£¥% ]', '', 'g')"
    comma, thousands = f"replace(replace({bare}, '.', ''), ',', '.')", f"replace({bare}, ',', '')"
    plain = f"{sign}{WHOLE}([.][0-9]+)?{unit}"
    grouped = f"{sign}{LEADING}(,[0-9]{{3}})*([.][0-9]+)?{unit}"
    decimal = f"{sign}({LEADING}([.][0-9]{{3}})*|{WHOLE})(,[0-9]+)?{unit}"
    yield _matching("float", f"TRY_CAST({bare} AS DOUBLE)", plain, "a currency or percent sign")
    yield _matching("float", f"TRY_CAST({thousands} AS DOUBLE)", grouped, "commas between thousands")
    yield _matching("float", f"TRY_CAST({comma} AS DOUBLE)", decimal, "decimal commas")


def _dates() -> Iterator[_Try]:
    """Dates as people write them; where day and month could be either way round, the day is taken to come first."""
    for day in (*DATES, *MORE_DATES):
        for clock in CLOCKS:
            if day == COMPACT and not clock:
                continue  # eight digits are a number
            dtype = "timestamp" if clock else "date"
            sql = f"try_strptime({VALUE}, '{day}{clock}')"
            sql = f"{sql}::DATE" if dtype == "date" else sql
            yield _Try(type=dtype, sql=sql, fits=_like(day + clock), change=f"dates as {day}{clock}")


def _like(form: str) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        if not DATED.search(text):
            return False
        try:
            datetime.strptime(text, form)  # noqa: DTZ007  (only whether it can be read)
        except ValueError:
            return False
        return True

    return fits


def _list(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
