"""Joined datasets: as SQL over a whole table, as rows of the store, and as the values of one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import duckdb

from ..core import duck
from ..core.config import Column, ModelConfig
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


def stored_joins(
    database: duckdb.DuckDBPyConnection, module: FeatureModule
) -> Iterator[tuple[str, tuple[Any, ...], Any, datetime]]:
    """What the online store holds of the joins: name, values of the join columns, value, and as of when.

    Of a dataset with a time that is the row that one of its newest moment would get, and its time, from which a request
    sees how old it is.
    """
    for join in module.joins.values():
        columns = [*join.columns, *([join.time] if join.time is not None and join.time not in join.columns else [])]
        values = ", ".join(f"{_value(join, column)} AS {duck.name(join.qualified(column))}" for column in columns)
        keys = ", ".join(duck.name(column) for column in join.theirs)
        count = len(join.theirs)
        for row in database.execute(_stored_rows(join, keys, values)).fetchall():
            for column, value in zip(columns, row[count:-1], strict=True):
                yield join.qualified(column), row[:count], _plain(value), row[-1]


def _stored_rows(join: Join, keys: str, values: str) -> str:
    table = duck.name(join.dataset)
    there = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in join.theirs)
    if join.time is None:
        return f"SELECT {keys}, {values}, TIMESTAMP '1970-01-01' FROM {table} WHERE {there}"
    time = f"CAST({duck.name(join.time)} AS TIMESTAMP)"
    newest = f"(SELECT max({time}) FROM {table})"
    past = f"{there} AND {time} <= {newest} - {_interval(join.lag_seconds)}"
    latest = f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {time} DESC) = 1"
    return f"SELECT {keys}, {values}, {newest} FROM {table} WHERE {past} {latest}"


def _value(join: Join, column: str) -> str:
    if column not in join.known_at:
        return duck.name(column)
    newest = f"(SELECT max(CAST({duck.name(str(join.time))} AS TIMESTAMP)) FROM {duck.name(join.dataset)})"
    known = f"CAST({duck.name(join.known_at[column])} AS TIMESTAMP)"
    return f"CASE WHEN {known} <= {newest} THEN {duck.name(column)} END"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def looked_at(module: FeatureModule, window: Window) -> tuple[Window, str]:
    """The rows that a window looks at, as a table expression, and the window by the columns of that table."""
    if window.join is None:
        return window, duck.name(module.source)
    join = module.joins[window.join]
    renamed = "".join(f", {duck.name(name)} AS {duck.name(join.qualified(name))}" for name in join.columns)
    there = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in join.theirs)
    return replace(window, by=join.theirs), f"(SELECT *{renamed} FROM {duck.name(join.dataset)} WHERE {there})"


class Latest(Protocol):
    """A stored value and the moment that it describes (UTC, without zone)."""

    @property
    def value(self) -> Any:
        """The value."""

    @property
    def as_of(self) -> datetime:
        """The moment."""


class Store(Protocol):
    """The latest values by key."""

    def latest(self, feature: str, entity: tuple[Any, ...]) -> Latest | None:
        """The latest value of ``feature`` for the values of its columns; None for an unknown entity."""


class JoinedValues:
    """The joined columns of single requests, from the store."""

    def __init__(self, config: ModelConfig, modules: Mapping[str, FeatureModule], store: Store | None) -> None:
        self._config, self._store = config, store
        self._joins = [(name, join) for name, module in modules.items() for join in module.joins.values()]
        self.columns: dict[str, Column] = {
            join.qualified(column): config.datasets[join.dataset].columns[column]
            for _, join in self._joins
            for column in (*join.columns, *([join.time] if join.time else []))
        }
        """The contract of each joined column, by the name that it has in a row."""

    def of(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The joined columns of ``request`` by name; StepError where one is missing and must not be."""
        return {name: value for module, join in self._joins for name, value in self._row(module, join, request).items()}

    def _row(self, module: str, join: Join, request: Mapping[str, Any]) -> dict[str, Any]:
        entity = tuple(request.get(column) for column in join.ours)
        policy = self._config.online.get(module)
        moment = _naive(request.get(join.as_of)) if join.as_of is not None else None
        if join.max_age_seconds is not None and moment is not None:
            time = self._find(join, str(join.time), entity)
            made = _typed(time.value, self.columns[join.qualified(str(join.time))]) if time is not None else None
            if made is not None and moment - _naive(made) > timedelta(seconds=join.max_age_seconds):
                return dict.fromkeys(map(join.qualified, join.columns))
        row = {}
        for column in join.columns:
            found = self._find(join, column, entity)
            limit = policy.max_staleness_seconds if policy is not None else None
            if found is not None and limit is not None and moment is not None:
                found = None if (moment - found.as_of).total_seconds() > limit else found
            if found is None and policy is not None and policy.missing == "error":
                known = ", ".join(f"{name}={value}" for name, value in zip(join.ours, entity, strict=True))
                raise StepError(
                    f"'{join.qualified(column)}' has no fresh value for {known}", "refresh the online store"
                )
            name = join.qualified(column)
            row[name] = None if found is None else _typed(found.value, self.columns[name])
        return row

    def _find(self, join: Join, column: str, entity: tuple[Any, ...]) -> Latest | None:
        return self._store.latest(join.qualified(column), entity) if self._store is not None else None


def _typed(value: Any, column: Column) -> Any:
    """A stored value in the type of its column: the store knows texts and numbers only."""
    if value is None:
        return None
    if column.type == "boolean":
        return bool(value)
    if column.type == "timestamp" and not isinstance(value, datetime):
        return datetime.fromisoformat(str(value))
    if column.type == "date" and not isinstance(value, date):
        return date.fromisoformat(str(value))
    return value


def _naive(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC, as everywhere in the data
    return datetime.now(UTC).replace(tzinfo=None)
