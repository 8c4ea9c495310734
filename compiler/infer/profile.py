"""The figures that decisions are made from: how often each column is empty, how many values it has, which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..records import record
from .personal import Personal, found_personal
from .reading import RAW, RawTable, asked, quoted
from .shapes import FEWEST, pattern_of, shape
from .types import TypedColumn

DATA = "data"
FEW_VALUES = 50
"""Up to so many distinct values are listed."""
SHOWN = 200
"""So many different texts of a column are looked at closely."""


@record
class Column:
    """One typed column of the whole table; ``values`` with their counts, most frequent first, if they are few.

    ``low`` and ``high`` are the bounds of numbers and moments. Of a personal column none of the three is known.
    """

    name: str
    header: str
    type: str
    rows: int
    nulls: int
    distinct: int
    low: Any = None
    high: Any = None
    values: tuple[tuple[Any, int], ...] = ()
    pattern: str | None = None  # what every text looks like
    looks: str = ""  # the same in words
    personal: Personal | None = None

    @property
    def unique(self) -> bool:
        """Whether the column tells every row from every other."""
        return self.nulls == 0 and self.distinct == self.rows

    @property
    def constant(self) -> bool:
        """Whether it says the same everywhere."""
        return self.distinct <= 1

    @property
    def sequential(self) -> bool:
        """Whether it is whole numbers that count the rows."""
        if self.type != "integer" or not self.unique or self.low is None:
            return False
        return bool(self.high - self.low + 1 == self.rows)


@record
class Profile:
    """What a file holds; ``empty`` are the headers of columns without a usable value, with the reason.

    ``sampled`` says that these figures are those of a sample of the rows.
    """

    rows: int
    columns: tuple[Column, ...]
    empty: tuple[tuple[str, str], ...]
    sampled: bool = False

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def profile(table: RawTable, columns: tuple[TypedColumn, ...]) -> Profile:
    """Type the rows into the table ``data`` and look at every column."""
    usable = [column for column in columns if column.type is not None]
    table.database.execute(f"CREATE TABLE {DATA} AS SELECT {typing(usable)} FROM {RAW}")
    row = table.database.execute(f"SELECT count(*) FROM {DATA}").fetchone()
    rows = int(row[0]) if row else 0
    return Profile(
        rows=rows,
        columns=tuple(_columns(table, usable, rows)),
        empty=tuple(
            (column.header or column.name, column.why or "no usable value") for column in columns if not column.type
        ),
        sampled=table.sampled,
    )


def typing(columns: Sequence[TypedColumn]) -> str:
    """What makes the typed columns of the raw ones, as SQL selects it."""
    return ", ".join(f"{column.sql} AS {quoted(column.name)}" for column in columns if column.type) or "1 AS nothing"


def _columns(table: RawTable, usable: Sequence[TypedColumn], rows: int) -> list[Column]:
    figures = asked(table.database, DATA, [_figures(quoted(column.name)) for column in usable])
    found = [
        Column(
            name=column.name,
            header=column.header,
            type=str(column.type),
            rows=rows,
            nulls=rows - filled,
            distinct=distinct,
            low=None if column.type in {"string", "boolean"} else low,
            high=None if column.type in {"string", "boolean"} else high,
        )
        for column, (filled, distinct, low, high) in zip(usable, figures, strict=True)
    ]
    listed = _with_values(table, found)
    return _with_texts(table, listed)


def _figures(name: str) -> list[str]:
    return [f"count({name})", f"count(DISTINCT {name})", f"min({name})", f"max({name})"]


def _with_values(table: RawTable, columns: Sequence[Column]) -> list[Column]:
    """Those with few values with all of them."""
    few = [column for column in columns if 0 < column.distinct <= FEW_VALUES]
    counted = asked(table.database, DATA, [[f"map_entries(histogram({quoted(column.name)}))"] for column in few])
    values = {
        column.name: tuple(
            sorted(((entry["key"], int(entry["value"])) for entry in entries), key=lambda pair: (-pair[1], pair[0]))
        )
        for column, (entries,) in zip(few, counted, strict=True)
    }
    return [replace(column, values=values.get(column.name, ())) for column in columns]


def _with_texts(table: RawTable, columns: Sequence[Column]) -> list[Column]:
    """Those of text with what all of them look like, and those of persons without what they say."""
    texts = [column for column in columns if column.type == "string"]
    many = [column for column in texts if column.distinct >= FEWEST]
    shapes = asked(
        table.database,
        DATA,
        [[f"min({shape(quoted(c.name))})", f"max({shape(quoted(c.name))})"] for c in many],
    )
    unlisted = [column for column in texts if column.distinct > FEW_VALUES]
    shown = asked(table.database, f"(FROM {DATA} LIMIT {SHOWN * 10})", [[_some(quoted(c.name))] for c in unlisted])
    bounds = {column.name: (low, high) for column, (low, high) in zip(many, shapes, strict=True)}
    some = {column.name: [value for value, _ in column.values] for column in texts}
    some |= {column.name: found or [] for column, (found,) in zip(unlisted, shown, strict=True)}
    return [_described(c, bounds.get(c.name, (None, None)), some.get(c.name, [])) for c in columns]


def _some(name: str) -> str:
    return f"list_slice(list(DISTINCT {name}) FILTER ({name} IS NOT NULL), 1, {SHOWN})"


def _described(column: Column, shapes: tuple[str | None, str | None], some: Sequence[str]) -> Column:
    personal = found_personal(column.name, column.type, some, column.distinct, column.rows - column.nulls)
    if personal is not None:
        return replace(column, low=None, high=None, values=(), personal=personal)
    pattern, looks = pattern_of(*shapes, some, column.distinct)
    return replace(column, pattern=pattern, looks=looks)


def determining(table: RawTable, columns: Sequence[str], label: str) -> set[str]:
    """The columns each of whose values goes with one value of ``label`` only."""
    other = quoted(label)
    pairs = [
        [
            f"count(DISTINCT {quoted(name)}) FILTER ({other} IS NOT NULL)",
            f"count(DISTINCT ({quoted(name)}, {other})) FILTER ({quoted(name)} IS NOT NULL AND {other} IS NOT NULL)",
        ]
        for name in columns
    ]
    counted = asked(table.database, DATA, pairs)
    return {name for name, (alone, together) in zip(columns, counted, strict=True) if alone == together}
