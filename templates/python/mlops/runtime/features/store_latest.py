"""The latest value of every stored feature of every entity: what a row of each entity would get at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Column, Dataset, Feature
from ..core.errors import StepError
from ..data.ingest import typed_query
from .modules import FeatureModule, Window
from .store import Status, Stored, Values, entity_key, stored_features
from .windows import window_sql

PROBE = "__probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The stored features that share an entity, and the table of their latest values.

    The table has the entity's columns as ``entity_1`` … and then one column for each feature, in order.
    """

    by: tuple[str, ...]
    features: tuple[Stored, ...]
    types: Mapping[str, str]  # by feature
    table: str

    @property
    def entity(self) -> tuple[str, ...]:
        """The columns of the table that say which entity it is."""
        return tuple(f"entity_{place}" for place in range(1, len(self.by) + 1))


def read(
    database: duckdb.DuckDBPyConnection, module: FeatureModule, features: Mapping[str, Feature], dataset: Dataset
) -> None:
    """Read what the stored features look at, from the source, into a table that is named like the dataset."""
    windows = [module.windows[name] for name in features]
    looked_at = {column for feature in features.values() for column in feature.columns}
    looked_at |= {column for window in windows for column in (*window.by, window.time)}
    columns = {name: column for name, column in dataset.columns.items() if name in looked_at}
    query, _ = typed_query(database, module.source, dataset, columns)
    database.execute(f"CREATE OR REPLACE TEMP TABLE {duck.name(module.source)} AS {query}")


def newest(database: duckdb.DuckDBPyConnection, module: FeatureModule, until: datetime | None = None) -> datetime:
    """The moment that a refresh describes: the newest row's, and never later than ``until`` (naive UTC)."""
    times = {window.time for window in module.windows.values()}
    moments = [
        duck.value(database, f"SELECT max(CAST({duck.name(time)} AS TIMESTAMP)) FROM {duck.name(module.source)}")
        for time in sorted(times)
    ]
    known = [moment for moment in moments if isinstance(moment, datetime)]
    if not known:
        raise StepError(f"no row of '{module.source}' has a time", "look at its time column")
    return min(max(known), until) if until else max(known)


def compute(
    database: duckdb.DuckDBPyConnection, module: FeatureModule, features: Mapping[str, Feature], moment: datetime
) -> list[Group]:
    """Compute the features as of ``moment`` into a table for each kind of entity.

    Every entity that had a row by then gets the value that a batch would compute for a row of it at that moment:
    the same SQL runs over the past and one more row for each of them.
    """
    by_entity: dict[tuple[str, ...], list[Stored]] = {}
    for name, stored in stored_features(module).items():
        if name in features:
            by_entity.setdefault(stored.by, []).append(stored)
    groups = []
    for place, (by, found) in enumerate(by_entity.items(), start=1):
        types = {stored.feature: features[stored.feature].dtype for stored in found}
        group = Group(by=by, features=tuple(found), types=types, table=f"__latest_{place}")
        _fill(database, module, group, moment)
        groups.append(group)
    return groups


def values(database: duckdb.DuckDBPyConnection, groups: Sequence[Group], moment: datetime) -> Values:
    """The tables as a store takes them."""
    rows: list[tuple[str, str, Any]] = []
    for group in groups:
        width = len(group.by)
        for row in database.execute(f"SELECT * FROM {group.table}").fetchall():
            key = entity_key(row[:width])
            rows += [(stored.name, key, value) for stored, value in zip(group.features, row[width:], strict=True)]
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return Values(rows=rows, status=Status(as_of=moment, refreshed_at=now))


def nothing(module: FeatureModule, feature: Feature, columns: Mapping[str, Column]) -> Any:
    """The value of an entity without rows: null, or 0 where an aggregate counts."""
    window = module.windows.get(feature.name)
    if window is None:
        return None
    empty = ", ".join(f"CAST(NULL AS {duck.TYPES[one.type]}) AS {duck.name(name)}" for name, one in columns.items())
    with duckdb.connect() as database:
        try:
            value = duck.value(database, f"SELECT {window.aggregate} FROM (SELECT {empty}) WHERE false")
        except duckdb.Error:  # an aggregate that only works over a window
            return None
    return value if feature.dtype != "float" or value is None else float(str(value))


def _fill(database: duckdb.DuckDBPyConnection, module: FeatureModule, group: Group, moment: datetime) -> None:
    windows = {stored.feature: module.windows[stored.feature] for stored in group.features}
    selected = [f"{duck.name(column)} AS {name}" for column, name in zip(group.by, group.entity, strict=True)]
    selected += [f"{_cast(window, group.types[name])} AS {duck.name(name)}" for name, window in windows.items()]
    source = f"{_past(module, windows, moment)} UNION ALL BY NAME {_probes(module, windows, group.by, moment)}"
    # The windows see the past and the probes; only the probes are kept.
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE {group.table} AS SELECT * EXCLUDE ({PROBE}) FROM "
        f"(SELECT {', '.join(selected)}, {PROBE} FROM ({source}) AS {duck.name(module.source)}) WHERE {PROBE}"
    )


def _past(module: FeatureModule, windows: Mapping[str, Window], moment: datetime) -> str:
    reach = max(window.lag_seconds + window.window_seconds for window in windows.values())
    time = _moment_of(windows)
    return (
        f"SELECT *, false AS {PROBE} FROM {duck.name(module.source)} "
        f"WHERE {time} > {_timestamp(moment - timedelta(seconds=reach))} AND {time} <= {_timestamp(moment)}"
    )


def _probes(module: FeatureModule, windows: Mapping[str, Window], by: Sequence[str], moment: datetime) -> str:
    time = next(iter(windows.values())).time
    columns = "".join(f"{duck.name(column)}, " for column in by)
    had = f"{_moment_of(windows)} <= {_timestamp(moment)}"
    entities = f"SELECT DISTINCT {columns}1 FROM {duck.name(module.source)} WHERE {had}"
    return f"SELECT {columns}{_timestamp(moment)} AS {duck.name(time)}, true AS {PROBE} FROM ({entities})"


def _moment_of(windows: Mapping[str, Window]) -> str:
    return f"CAST({duck.name(next(iter(windows.values())).time)} AS TIMESTAMP)"


def _cast(window: Window, dtype: str) -> str:
    sql = window_sql(window)  # an integer stays what it is, as in a batch
    return sql if dtype == "integer" else f"CAST({sql} AS {duck.TYPES[dtype]})"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {duck.literal(moment.isoformat(sep=' '))}"
