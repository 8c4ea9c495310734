"""The latest value of every stored feature of every entity: what a row of each entity would get at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Dataset, Feature
from ..core.errors import StepError
from ..data.ingest import typed_query
from .joins import latest_rows, looked_at, require_single_rows
from .modules import FeatureModule, Join, Window
from .store import Row, Status, Stored, Values, entity_key, stored_columns, stored_features
from .windows import counts_from, window_sql

PAST = "__past"
"""Whether a row is one of the past: those that are asked about stand among them, and no aggregate counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The stored values of one dataset that share an entity, and the table of the latest of them.

    The table has the entity's columns as ``entity_1`` … and then one column for each feature, in order.
    """

    by: tuple[str, ...]
    features: tuple[Stored, ...]
    types: Mapping[str, str]  # by feature
    table: str
    moment: datetime  # that they describe

    @property
    def entity(self) -> tuple[str, ...]:
        """The columns of the table that say which entity it is."""
        return tuple(f"entity_{place}" for place in range(1, len(self.by) + 1))


def read(
    database: duckdb.DuckDBPyConnection,
    module: FeatureModule,
    features: Mapping[str, Feature],
    datasets: Mapping[str, Dataset],
) -> None:
    """Read what is looked at for the store, from the sources, into tables that are named like the datasets."""
    for name, wanted in _columns(module, features).items():
        columns = {column: one for column, one in datasets[name].columns.items() if column in wanted}
        query, _ = typed_query(database, name, datasets[name], columns)
        database.execute(f"CREATE OR REPLACE TEMP TABLE {duck.name(name)} AS {query}")
    require_single_rows(database, {name: join for name, join in module.joins.items() if join.columns})


def _columns(module: FeatureModule, features: Mapping[str, Feature]) -> dict[str, set[str]]:
    """By dataset the columns that its stored values are made of."""
    found: dict[str, set[str]] = {}
    for name, feature in features.items():
        window = module.windows[name]
        home = module.joins[window.join].dataset if window.join is not None else module.source
        read = (*feature.columns, *window.by) if window.join is None else ()
        found.setdefault(home, set()).update(read, (window.time,), window.known_at)
    for join in module.joins.values():
        if join.columns:
            found.setdefault(join.dataset, set()).update(join.theirs, join.stored, join.known_at.values())
    return found


def stored_types(
    module: FeatureModule, features: Mapping[str, Feature], datasets: Mapping[str, Dataset]
) -> dict[str, str]:
    """The type of everything that is stored for ``features``: they themselves, and the joined columns."""
    found = {name: feature.dtype for name, feature in features.items()}
    for join in module.joins.values():
        columns = datasets[join.dataset].columns if join.stored else {}
        found |= {join.qualified(column): columns[column].type for column in join.stored}
    return found


def compute(
    database: duckdb.DuckDBPyConnection, module: FeatureModule, types: Mapping[str, str], until: datetime | None = None
) -> list[Group]:
    """Compute what ``types`` names into a table for each kind of entity of each dataset.

    The moment is that of the newest row of the dataset, and never later than ``until`` (naive UTC).
    """
    groups: list[Group] = []
    for join_name, by, found in _kinds(module, types):
        windows = {one.feature: looked_at(module, module.windows[one.feature]) for one in found}
        table = next(table for _, table in windows.values())
        home = module.joins[join_name].dataset if join_name is not None else module.source
        times = {window.time for window, _ in windows.values()}
        moment = max(_newest(database, table, home, time, until) for time in times)
        group = _group(by, found, types, len(groups), moment)
        _fill(database, module, group, {name: window for name, (window, _) in windows.items()}, table)
        groups.append(group)
    columns = stored_columns(module)
    for join in module.joins.values():
        kept = [columns[join.qualified(column)] for column in join.stored if join.qualified(column) in types]
        if kept:
            moment = _moment_of_join(database, join, until)
            group = _group(join.ours, kept, types, len(groups), moment)
            names = ", ".join((*group.entity, *(duck.name(one.feature) for one in kept)))
            rows = latest_rows(join, _timestamp(moment))
            database.execute(f"CREATE OR REPLACE TEMP TABLE {group.table} AS SELECT {names} FROM ({rows})")
            groups.append(group)
    return groups


def values(database: duckdb.DuckDBPyConnection, groups: Sequence[Group]) -> Values:
    """The tables as a store takes them."""
    rows: list[Row] = []
    for group in groups:
        width = len(group.by)
        for row in database.execute(f"SELECT * FROM {group.table}").fetchall():
            key = entity_key(row[:width])
            rows += [
                (stored.name, key, value, group.moment)
                for stored, value in zip(group.features, row[width:], strict=True)
            ]
    return Values(rows=rows, status=Status(as_of=min(group.moment for group in groups), refreshed_at=_now()))


def _kinds(
    module: FeatureModule, types: Mapping[str, str]
) -> Iterator[tuple[str | None, tuple[str, ...], list[Stored]]]:
    """The windows of one dataset and one entity, which are computed together."""
    found: dict[tuple[str | None, tuple[str, ...]], list[Stored]] = {}
    for name, stored in stored_features(module).items():
        if name in types:
            found.setdefault((module.windows[name].join, stored.by), []).append(stored)
    for (join, by), several in found.items():
        yield join, by, several


def _group(
    by: tuple[str, ...], found: Sequence[Stored], types: Mapping[str, str], before: int, moment: datetime
) -> Group:
    known = {stored.feature: types[stored.feature] for stored in found}
    return Group(by=by, features=tuple(found), types=known, table=f"__latest_{before + 1}", moment=moment)


def _moment_of_join(database: duckdb.DuckDBPyConnection, join: Join, until: datetime | None) -> datetime:
    """A dataset without a time is what it is when it is read."""
    if join.time is None:
        return until or _now()
    return _newest(database, duck.name(join.dataset), join.dataset, join.time, until)


def _newest(database: duckdb.DuckDBPyConnection, table: str, label: str, time: str, until: datetime | None) -> datetime:
    found = duck.value(database, f"SELECT max(CAST({duck.name(time)} AS TIMESTAMP)) FROM {table}")
    if not isinstance(found, datetime):
        raise StepError(f"no row of '{label}' has a time", "look at its time column")
    return min(found, until) if until else found


def nothing(module: FeatureModule, feature: Feature, datasets: Mapping[str, Dataset]) -> Any:
    """The value of an entity without rows: null, or 0 where an aggregate counts."""
    window = module.windows[feature.name]
    if window.join is None:
        columns = dict(datasets[module.source].columns)
    else:
        join = module.joins[window.join]
        columns = {join.qualified(name): column for name, column in datasets[join.dataset].columns.items()}
    empty = ", ".join(f"CAST(NULL AS {duck.TYPES[one.type]}) AS {duck.name(name)}" for name, one in columns.items())
    with duckdb.connect() as database:
        try:
            value = duck.value(database, f"SELECT {window.aggregate} FROM (SELECT {empty}) WHERE false")
        except duckdb.Error:  # an aggregate that only works over a window
            return None
    return value if feature.dtype != "float" or value is None else float(str(value))


def _fill(
    database: duckdb.DuckDBPyConnection, module: FeatureModule, group: Group, windows: Mapping[str, Window], table: str
) -> None:
    """Every entity that had a row by then gets the value that a batch would compute for a row of it at that moment.

    The same SQL runs over the past and one more row for each of them, the probe; only the probes are kept.
    """
    by = next(iter(windows.values())).by
    selected = [f"{duck.name(column)} AS {name}" for column, name in zip(by, group.entity, strict=True)]
    selected += [
        f"CAST({window_sql(window)} AS {duck.TYPES[group.types[name]]}) AS {duck.name(name)}"
        if group.types[name] != "integer"  # an integer stays what it is, as in a batch
        else f"{window_sql(window)} AS {duck.name(name)}"
        for name, window in windows.items()
    ]
    source = f"{_past(table, windows, group.moment)} UNION ALL BY NAME {_probes(table, windows, by, group.moment)}"
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE {group.table} AS SELECT * EXCLUDE ({PAST}) FROM "
        f"(SELECT {', '.join(selected)}, {PAST} FROM ({source}) AS {duck.name(module.source)}) WHERE NOT {PAST}"
    )


def _past(table: str, windows: Mapping[str, Window], moment: datetime) -> str:
    """The rows by then that any window can reach; one that was known late counts from then on."""
    reached = []
    for window in windows.values():
        reach = timedelta(seconds=window.lag_seconds + window.window_seconds)
        reached.append(f"{counts_from(window)} > {_timestamp(moment - reach)}")
    by_then = f"{_time_of(windows)} <= {_timestamp(moment)}"
    return f"SELECT *, true AS {PAST} FROM {table} WHERE {by_then} AND ({' OR '.join(dict.fromkeys(reached))})"


def _probes(table: str, windows: Mapping[str, Window], by: Sequence[str], moment: datetime) -> str:
    time = next(iter(windows.values())).time
    columns = "".join(f"{duck.name(column)}, " for column in by)
    entities = f"SELECT DISTINCT {columns}1 FROM {table} WHERE {_time_of(windows)} <= {_timestamp(moment)}"
    return f"SELECT {columns}{_timestamp(moment)} AS {duck.name(time)}, false AS {PAST} FROM ({entities})"


def _time_of(windows: Mapping[str, Window]) -> str:
    return f"CAST({duck.name(next(iter(windows.values())).time)} AS TIMESTAMP)"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {duck.literal(moment.isoformat(sep=' '))}"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
