"""Joined datasets as SQL: over a whole table, and the latest row of each key for the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from ..core import duck
from ..core.errors import StepError
from .modules import FeatureModule, Join, Window

MICROSECONDS = 1_000_000
SHOWN = 3


def joins_of(modules: Mapping[str, FeatureModule]) -> dict[str, Join]:
    """Every join of the modules by its name; where several have it, one with the columns of all."""
    found: dict[str, Join] = {}
    for module in modules.values():
        for name, join in module.joins.items():
            known = found.get(name, join)
            columns = tuple(dict.fromkeys((*known.columns, *join.columns)))
            found[name] = replace(join, columns=columns, known_at={**known.known_at, **join.known_at})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One more column of the rows: what is selected, and the JOIN that brings it."""

    selected: str
    clause: str


def rows_with_joins(
    table: str, joins: Mapping[str, Join], predict_at: str | None = None, extras: Sequence[Extra] = ()
) -> str:
    """The table with the columns of its joins, as a table expression of the same name; every row is there once.

    The moment of a row is what ``as_of`` holds, or the time of its prediction where ``predict_at`` is earlier.
    """
    if not joins:
        return duck.name(table)
    aliases = {name: f"__join_{number}" for number, name in enumerate(joins)}
    selected = [
        "__own.*",
        *(text for name, join in joins.items() for text in _columns(join, aliases[name], predict_at)),
    ]
    selected += [extra.selected for extra in extras]
    clauses = [_clause(join, aliases[name], predict_at) for name, join in joins.items() if join.columns]
    clauses += [extra.clause for extra in extras]
    return f"(SELECT {', '.join(selected)} FROM {duck.name(table)} AS __own {' '.join(clauses)}) AS {duck.name(table)}"


def _clause(join: Join, alias: str, predict_at: str | None) -> str:
    """The JOIN of one dataset, of which no row is lost."""
    pairs = zip(join.ours, join.theirs, strict=True)
    same = [f"__own.{duck.name(ours)} = {alias}.{duck.name(theirs)}" for ours, theirs in pairs]
    if join.time is None:
        return f"LEFT JOIN {duck.name(join.dataset)} AS {alias} ON {' AND '.join(same)}"
    same.append(f"{moment_of(join, predict_at)} - {_interval(join.lag_seconds)} >= {_time(join, alias)}")
    return f"ASOF LEFT JOIN {duck.name(join.dataset)} AS {alias} ON {' AND '.join(same)}"


def _columns(join: Join, alias: str, predict_at: str | None) -> Iterator[str]:
    moment = moment_of(join, predict_at) if join.time is not None else None
    for column in join.columns:
        value = f"{alias}.{duck.name(column)}"
        conditions = []
        if join.max_age_seconds is not None:
            conditions.append(f"{moment} - {_time(join, alias)} <= {_interval(join.max_age_seconds)}")
        if column in join.known_at:
            conditions.append(f"CAST({alias}.{duck.name(join.known_at[column])} AS TIMESTAMP) <= {moment}")
        if conditions:
            value = f"CASE WHEN {' AND '.join(conditions)} THEN {value} END"
        yield f"{value} AS {duck.name(join.qualified(column))}"


def moment_of(join: Join, predict_at: str | None) -> str:
    """SQL for the moment as of which a row of ``__own`` takes the newest row of the join."""
    own = f"CAST(__own.{duck.name(str(join.as_of))} AS TIMESTAMP)"
    earlier = predict_at if predict_at != join.as_of else None
    if earlier is None:
        return own
    # Without its own moment a row has none, also when it has the other one.
    return f"CASE WHEN {own} IS NOT NULL THEN least({own}, CAST(__own.{duck.name(earlier)} AS TIMESTAMP)) END"


def _time(join: Join, alias: str) -> str:
    return f"CAST({alias}.{duck.name(str(join.time))} AS TIMESTAMP)"


def _interval(seconds: int) -> str:
    return f"to_microseconds({seconds * MICROSECONDS})"


def require_single_rows(database: duckdb.DuckDBPyConnection, joins: Mapping[str, Join]) -> None:
    """StepError where a joined dataset has several rows for one key (and time): which one is meant nobody knows."""
    for join in joins.values():
        columns = [*join.theirs, *([join.time] if join.time is not None else [])]
        names = ", ".join(map(duck.name, columns))
        there = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in columns)
        twice = f"SELECT {names}, count(*) AS __rows FROM {duck.name(join.dataset)} WHERE {there} GROUP BY {names}"
        found = database.execute(
            f"SELECT *, count(*) OVER () FROM ({twice} HAVING count(*) > 1) ORDER BY {names} LIMIT {SHOWN}"
        ).fetchall()
        if found:
            raise _several(join, columns, found)


def _several(join: Join, columns: list[str], found: list[tuple[Any, ...]]) -> StepError:
    *_, total = found[0]
    shown = "; ".join(
        f"{', '.join(f'{name} = {value}' for name, value in zip(columns, row, strict=False))} in {row[-2]:,} rows"
        for row in found
    )
    more = "" if total <= SHOWN else f"; and {total - SHOWN:,} more"
    keys = "key" if total == 1 else "keys"
    return StepError(
        f"join '{join.name}': {total:,} {keys} of '{join.dataset}' in several rows, of which one has to be chosen: "
        f"{shown}{more}",
        "correct the data, or join on more columns",
    )


def latest_rows(join: Join, moment: str) -> str:
    """SQL for the row that a row of ``moment`` (SQL as well) would get, for every key: ``entity_1`` …, and its columns.

    Of a dataset with a time its time is there too, from which a request sees how old the row is.
    """
    keys = ", ".join(f"{duck.name(column)} AS entity_{place}" for place, column in enumerate(join.theirs, start=1))
    values = ", ".join(
        f"{_known_value(join, column, moment)} AS {duck.name(join.qualified(column))}" for column in join.stored
    )
    there = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in join.theirs)
    rows = f"SELECT {keys}, {values} FROM {duck.name(join.dataset)} WHERE {there}"
    if join.time is None:
        return rows
    time = f"CAST({duck.name(join.time)} AS TIMESTAMP)"
    partition = ", ".join(map(duck.name, join.theirs))
    latest = f"QUALIFY row_number() OVER (PARTITION BY {partition} ORDER BY {time} DESC) = 1"
    return f"{rows} AND {time} <= {moment} - {_interval(join.lag_seconds)} {latest}"


def _known_value(join: Join, column: str, moment: str) -> str:
    if column not in join.known_at:
        return duck.name(column)
    return f"CASE WHEN CAST({duck.name(join.known_at[column])} AS TIMESTAMP) <= {moment} THEN {duck.name(column)} END"


def looked_at(module: FeatureModule, window: Window) -> tuple[Window, str]:
    """The rows that a window looks at, as a table expression, and the window by the columns of that table."""
    if window.join is None:
        return window, duck.name(module.source)
    join = module.joins[window.join]
    renamed = "".join(f", {duck.name(name)} AS {duck.name(join.qualified(name))}" for name in join.columns)
    there = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in join.theirs)
    return replace(window, by=join.theirs), f"(SELECT *{renamed} FROM {duck.name(join.dataset)} WHERE {there})"
