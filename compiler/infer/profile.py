"""The figures that decisions are made from: how often each column is empty, how many values it has, which."""

from __future__ import annotations

from typing import Any

from ..records import record
from .reading import RAW, RawTable, quoted
from .types import TypedColumn

DATA = "data"
FEW_VALUES = 50
"""Up to so many distinct values are listed."""


@record
class Column:
    """One typed column of the whole table; ``values`` with their counts, most frequent first, if they are few."""

    name: str
    header: str
    type: str
    rows: int
    nulls: int
    distinct: int
    values: tuple[tuple[Any, int], ...]
    sequential: bool  # whole numbers that count the rows

    @property
    def unique(self) -> bool:
        """Whether the column tells every row from every other."""
        return self.nulls == 0 and self.distinct == self.rows

    @property
    def constant(self) -> bool:
        """Whether it says the same everywhere."""
        return self.distinct <= 1


@record
class Profile:
    """What a file holds; ``empty`` are the headers of columns without a usable value."""

    rows: int
    columns: tuple[Column, ...]
    empty: tuple[str, ...]

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def profile(table: RawTable, columns: tuple[TypedColumn, ...]) -> Profile:
    """Type the rows into the table ``data`` and look at every column."""
    usable = [column for column in columns if column.type is not None]
    selected = ", ".join(f"{column.sql} AS {quoted(column.name)}" for column in usable) or "1 AS nothing"
    table.database.execute(f"CREATE TABLE {DATA} AS SELECT {selected} FROM {RAW}")
    row = table.database.execute(f"SELECT count(*) FROM {DATA}").fetchone()
    rows = int(row[0]) if row else 0
    return Profile(
        rows=rows,
        columns=tuple(_column(table, column, rows) for column in usable),
        empty=tuple(column.header or column.name for column in columns if column.type is None),
    )


def _column(table: RawTable, column: TypedColumn, rows: int) -> Column:
    name = quoted(column.name)
    figures = table.database.execute(f"SELECT count({name}), count(DISTINCT {name}) FROM {DATA}").fetchone() or (0, 0)
    filled, distinct = int(figures[0]), int(figures[1])
    return Column(
        name=column.name,
        header=column.header,
        type=str(column.type),
        rows=rows,
        nulls=rows - filled,
        distinct=distinct,
        values=_values(table, name) if distinct <= FEW_VALUES else (),
        sequential=column.type == "integer" and filled == distinct == rows and _counts_rows(table, name),
    )


def _values(table: RawTable, name: str) -> tuple[tuple[Any, int], ...]:
    query = f"SELECT {name}, count(*) AS n FROM {DATA} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1"
    return tuple((value, int(count)) for value, count in table.database.execute(query).fetchall())


def _counts_rows(table: RawTable, name: str) -> bool:
    row = table.database.execute(f"SELECT max({name}) - min({name}) + 1 = count(*) FROM {DATA}").fetchone()
    return bool(row and row[0])


def determines(table: RawTable, column: str, label: str) -> bool:
    """Whether each value of ``column`` goes with one value of ``label`` only."""
    name, other = quoted(column), quoted(label)
    query = (
        f"SELECT max(n) FROM (SELECT count(DISTINCT {other}) AS n FROM {DATA} WHERE {name} IS NOT NULL GROUP BY {name})"
    )
    row = table.database.execute(query).fetchone()
    return bool(row and row[0] == 1)
