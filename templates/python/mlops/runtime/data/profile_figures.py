"""What a dataset looks like: figures of every column, some dozens of columns per query over one typed table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from ..core import duck

TABLE = "__profiled"
LABEL = "__label"
AT_ONCE = 40
"""Columns that one query asks about: the time to plan a query grows with the square of what it asks."""
BINS = 24
MOST_LISTED = 24
"""Up to so many different values are bars of their own."""
TOP = 8
EXACT_ROWS = 3_000_000
"""Beyond so many rows, distinct values and quantiles are estimated."""
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the database has every moment in UTC, without saying so
NUMBERS = ("integer", "float")
MOMENTS = ("timestamp", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a distribution: what it stands for, and how many rows are in it."""

    label: str
    rows: int
    low: float | None = None
    high: float | None = None


@dataclass(slots=True, kw_only=True)
class Figures:
    """What is known of one column; of a personal one only how many values it has and lacks."""

    name: str
    type: str
    rows: int
    missing: int
    distinct: int
    personal: bool = False
    low: Any = None
    high: Any = None
    mean: float | None = None
    deviation: float | None = None
    quantiles: tuple[float, ...] = ()  # 5, 25, 50, 75 and 95 per cent
    bars: tuple[Bar, ...] = ()
    others: int = 0  # rows with a value that is no bar
    rules: list[tuple[str, str, int]] = field(default_factory=list)  # name, verdict, bad rows

    @property
    def filled(self) -> int:
        """How many rows have a value."""
        return self.rows - self.missing

    @property
    def is_number(self) -> bool:
        """Whether it is measured or counted."""
        return self.type in NUMBERS

    @property
    def unique(self) -> bool:
        """Whether each row says something else."""
        return 1 < self.rows == self.distinct


def figures(database: duckdb.DuckDBPyConnection, columns: dict[str, tuple[str, bool]], rows: int) -> list[Figures]:
    """The figures of ``columns`` (type, and whether it is personal) of the table ``__profiled``."""
    exact = rows <= EXACT_ROWS
    asked = ask(database, [_basic(name, kind, personal, exact=exact) for name, (kind, personal) in columns.items()])
    found = []
    for (name, (kind, personal)), answer in zip(columns.items(), asked, strict=True):
        one = Figures(
            name=name,
            type=kind,
            rows=rows,
            missing=rows - answer[0],
            distinct=min(answer[1], answer[0]),
            personal=personal,
        )
        if not personal and answer[0] and kind in (*NUMBERS, *MOMENTS):
            one.low, one.high = answer[2], answer[3]
        if not personal and answer[0] and kind in NUMBERS:
            one.mean, one.deviation = answer[4], answer[5]
            one.quantiles = tuple(float(value) for value in answer[6])
        found.append(one)
    _add_bars(database, [one for one in found if not one.personal and one.filled])
    return found


def ask(
    database: duckdb.DuckDBPyConnection, expressions: Sequence[Sequence[str]], table: str = TABLE
) -> list[tuple[Any, ...]]:
    """One tuple of answers per group of aggregates, some groups in each query."""
    answers: list[tuple[Any, ...]] = []
    for start in range(0, len(expressions), AT_ONCE):
        some = expressions[start : start + AT_ONCE]
        listed = ", ".join(expression for group in some for expression in group)
        row = iter(database.execute(f"SELECT {listed} FROM {table}").fetchone() or ())
        answers += [tuple(next(row) for _ in group) for group in some]
    return answers


def _basic(name: str, kind: str, personal: bool, *, exact: bool) -> list[str]:  # noqa: FBT001 - a column's own mark
    column = duck.name(name)
    asked = [f"count({column})", f"count(DISTINCT {column})" if exact else f"approx_count_distinct({column})"]
    if personal or kind not in (*NUMBERS, *MOMENTS):
        return asked
    asked += [f"min({column})", f"max({column})"]
    if kind in NUMBERS:
        quantile = "quantile_cont" if exact else "approx_quantile"
        number = f"CAST({column} AS DOUBLE)"
        asked += [
            f"avg({number})",
            f"stddev_samp({number})",
            f"{quantile}({number}, [0.05, 0.25, 0.5, 0.75, 0.95])",
        ]
    return asked


def _add_bars(database: duckdb.DuckDBPyConnection, found: Sequence[Figures]) -> None:
    """The distribution of each: a bar per value where there are few, else bins of equal width or the top values."""
    listed = [one for one in found if one.distinct <= MOST_LISTED]
    for one, (entries,) in zip(listed, ask(database, [[_counted(one)] for one in listed]), strict=True):
        one.bars = _values(one, entries)
    binned = [one for one in found if one.distinct > MOST_LISTED and one.type in (*NUMBERS, *MOMENTS)]
    for one, (entries,) in zip(binned, ask(database, [[_binned(one)] for one in binned]), strict=True):
        one.bars = _bins(one, {int(entry["key"]): int(entry["value"]) for entry in entries})
    for one in found:
        if one.distinct > MOST_LISTED and one.type == "string" and not one.unique:
            one.bars = _top(database, one)
            one.others = one.filled - sum(bar.rows for bar in one.bars)


def _counted(one: Figures) -> str:
    return f"map_entries(histogram({duck.name(one.name)}))"


def _values(one: Figures, entries: Sequence[Any]) -> tuple[Bar, ...]:
    counted = [(entry["key"], int(entry["value"])) for entry in entries]
    if one.type == "string":
        counted.sort(key=lambda pair: (-pair[1], pair[0]))
    return tuple(Bar(label=shown(value), rows=rows) for value, rows in counted)


def _number(one: Figures) -> str:
    """The column as a number: moments as seconds since 1970."""
    column = duck.name(one.name)
    return f"epoch({column})" if one.type in MOMENTS else f"CAST({column} AS DOUBLE)"


def ends(one: Figures) -> tuple[float, float]:
    """From where to where its bins go: the middle 98 per cent where the rest would flatten them."""
    if one.type in MOMENTS:
        return _seconds(one.low), _seconds(one.high)
    low, high = float(one.low), float(one.high)
    if one.quantiles:
        reach = one.quantiles[4] - one.quantiles[0]
        low, high = max(low, one.quantiles[0] - reach / 4), min(high, one.quantiles[4] + reach / 4)
    return (low, high) if high > low else (float(one.low), float(one.high))


def _seconds(moment: date) -> float:
    if isinstance(moment, datetime):
        return (moment - EPOCH).total_seconds()
    return (datetime(moment.year, moment.month, moment.day) - EPOCH).total_seconds()  # noqa: DTZ001 - as EPOCH


def _binned(one: Figures) -> str:
    low, high = ends(one)
    place = f"CAST(floor(({_number(one)} - ({low!r})) / ({(high - low) / BINS!r})) AS BIGINT)"
    inside = f"CASE WHEN {duck.name(one.name)} IS NOT NULL THEN least(greatest({place}, 0), {BINS - 1}) END"
    return f"map_entries(histogram({inside}))"


def _bins(one: Figures, counted: dict[int, int]) -> tuple[Bar, ...]:
    low, high = ends(one)
    step = (high - low) / BINS
    bars = []
    for place in range(BINS):
        left, right = low + place * step, low + (place + 1) * step
        label = f"{_edge(one, left)} to {_edge(one, right)}"
        if one.type in NUMBERS and place == 0 and float(one.low) < low:
            label = f"below {_edge(one, right)}"
        if one.type in NUMBERS and place == BINS - 1 and float(one.high) > high:
            label = f"above {_edge(one, left)}"
        bars.append(Bar(label=label, rows=counted.get(place, 0), low=left, high=right))
    return tuple(bars)


def _edge(one: Figures, value: float) -> str:
    if one.type in MOMENTS:
        return (EPOCH + timedelta(seconds=value)).strftime("%Y-%m-%d")
    return shown(value)


def _top(database: duckdb.DuckDBPyConnection, one: Figures) -> tuple[Bar, ...]:
    column = duck.name(one.name)
    present = f"SELECT {column}, count(*) AS n FROM {TABLE} WHERE {column} IS NOT NULL"
    query = f"{present} GROUP BY 1 ORDER BY n DESC, 1 LIMIT {TOP}"
    return tuple(Bar(label=shown(value), rows=int(count)) for value, count in database.execute(query).fetchall())


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.3g}"  # noqa: PLR2004
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)
