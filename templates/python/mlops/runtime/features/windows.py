"""Point-in-time windows: as SQL over a whole table, and as a small store of the latest values for requests."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.files import replacing
from .joins import Extra, looked_at, moment_of, stored_joins
from .modules import FeatureModule, Join, Window

MICROSECONDS = 1_000_000
NEVER = "TIMESTAMP '9999-12-31'"
SCHEMA = """
CREATE TABLE windows (feature TEXT, entity TEXT, value, as_of TEXT, PRIMARY KEY (feature, entity)) WITHOUT ROWID
"""


def window_sql(window: Window, predict_at: str | None = None) -> str:
    """The feature for every row of its table.

    A row at time t sees the rows whose moment is in (t - lag - window, t - lag]; t is the row's time, or the time of
    its prediction where ``predict_at`` names a column that holds an earlier one. Times have microseconds, so the open
    lower end is one microsecond later. Without a lag the upper end is one microsecond before t: a row never sees
    itself, nor another row of the same moment.
    """
    farthest, nearest = _reach(window)
    time, moment = _timestamp(window.time), _moment(window)
    asked = f"least({time}, {_timestamp(predict_at)})" if predict_at else time
    if asked == moment:
        frame = f"{_interval(farthest - 1)} PRECEDING AND {_interval(nearest)} PRECEDING"
    else:  # the row's own place is its moment, which is never before the time that it is asked at
        gap = f"coalesce(date_diff('microsecond', {asked}, {moment}), 0)"
        ends = (f"to_microseconds({gap} + {end}) PRECEDING" for end in (farthest - 1, nearest))
        frame = " AND ".join(ends)
    by = ", ".join(duck.name(column) for column in window.by)
    partition = f"PARTITION BY {by} " if by else ""
    over = f" OVER ({partition}ORDER BY {moment} RANGE BETWEEN {frame})"
    return f"CASE WHEN {duck.name(window.time)} IS NULL THEN NULL ELSE {over.join(window.pieces)} END"


def window_column(feature: str) -> str:
    """What a window over a joined dataset is called in the rows."""
    return f"__window.{feature}"


def joined_window(feature: str, window: Window, join: Join, table: str, predict_at: str | None) -> Extra:
    """A window over a joined dataset for every row of ``table``: the rows of the join that came before its moment.

    The moments that are asked about stand among the joined rows for this, as rows that no aggregate counts.
    """
    keys = [f"__key_{number}" for number in range(len(join.ours))]
    asked, moment = moment_of(join, predict_at), "__moment"
    past = _keyed(join.theirs, keys, "") + "".join(
        f", {duck.name(name)} AS {duck.name(join.qualified(name))}" for name in join.columns
    )
    events = f"SELECT {past}, {_moment(window)} AS {moment}, true AS __past FROM {duck.name(join.dataset)}"
    asks = f"SELECT DISTINCT {_keyed(join.ours, keys, '__own.')}, {asked} AS {moment}, false AS __past"
    asks = f"{asks} FROM {duck.name(table)} AS __own WHERE {asked} IS NOT NULL"
    farthest, nearest = map(_interval, (_reach(window)[0] - 1, _reach(window)[1]))
    frame = f"RANGE BETWEEN {farthest} PRECEDING AND {nearest} PRECEDING"
    over = f" OVER (PARTITION BY {', '.join(keys)} ORDER BY {moment} {frame})"
    values = f"SELECT *, {over.join(window.pieces)} AS __value FROM ({events} UNION ALL BY NAME {asks})"
    alias = duck.name(window_column(feature))
    same = [f"__own.{duck.name(ours)} = {alias}.{key}" for ours, key in zip(join.ours, keys, strict=True)]
    same.append(f"{asked} = {alias}.{moment}")
    return Extra(
        selected=f"{alias}.__value AS {alias}",
        clause=f"LEFT JOIN (FROM ({values}) WHERE NOT __past) AS {alias} ON {' AND '.join(same)}",
    )


def _keyed(columns: Sequence[str], keys: Sequence[str], prefix: str) -> str:
    return ", ".join(f"{prefix}{duck.name(column)} AS {key}" for column, key in zip(columns, keys, strict=True))


def latest_sql(window: Window, table: str) -> str:
    """The feature of every entity as of the newest row: entity columns, ``value`` and ``as_of``.

    An entity without rows in the window has the value of no rows: 0 where they are counted, else null.
    """
    farthest, nearest = map(_interval, _reach(window))
    moment, time = _moment(window), _timestamp(window.time)
    newest = f"(SELECT max({time}) FROM {table})"
    past = f"SELECT * FROM {table} WHERE {moment} > {newest} - {farthest} AND {moment} <= {newest} - {nearest}"
    if not window.by:
        return f"SELECT {window.aggregate} AS value, {newest} AS as_of FROM ({past})"
    by = ", ".join(duck.name(column) for column in window.by)
    return (
        f"SELECT {by}, {window.aggregate} AS value, {newest} AS as_of FROM ({past}) GROUP BY {by} UNION ALL "
        f"SELECT {by}, (SELECT {window.aggregate} FROM {table} WHERE false), {newest} "
        f"FROM (SELECT {by} FROM {table} EXCEPT SELECT {by} FROM ({past}))"
    )


def _reach(window: Window) -> tuple[int, int]:
    """How far before t the window begins and ends, in microseconds."""
    farthest = (window.lag_seconds + window.window_seconds) * MICROSECONDS
    return farthest, max(window.lag_seconds * MICROSECONDS, 1)


def _moment(window: Window) -> str:
    """SQL for the moment from which a row counts: its time, or so much later as its values were known too late.

    With ``known_at`` a row counts for t only when its values were known by t; where they never were, never.
    """
    time = _timestamp(window.time)
    if not window.known_at:
        return time
    lag = _interval(window.lag_seconds * MICROSECONDS)
    known = ", ".join(f"coalesce({_timestamp(column)} - {lag}, {NEVER})" for column in window.known_at)
    return f"CASE WHEN {duck.name(window.time)} IS NOT NULL THEN greatest({time}, {known}) END"


def _timestamp(column: str) -> str:
    return f"CAST({duck.name(column)} AS TIMESTAMP)"


def _interval(microseconds: int) -> str:
    return f"to_microseconds({microseconds})"


def entity_key(values: Sequence[Any]) -> str:
    """The values of an entity's columns as one text, the same for a stored row and for a request."""
    return json.dumps([None if value is None else str(value) for value in values], ensure_ascii=False)


def write_store(database: duckdb.DuckDBPyConnection, modules: Mapping[str, FeatureModule], path: Path) -> int:
    """Write the latest value of every window of every entity; the number of values comes back."""
    rows = sorted(
        (row for module in modules.values() for row in _latest(database, module)), key=lambda row: (row[0], row[1])
    )
    with replacing(path) as temporary, closing(sqlite3.connect(temporary)) as store:
        store.execute(SCHEMA)
        store.executemany("INSERT INTO windows VALUES (?, ?, ?, ?)", rows)
        store.commit()
    return len(rows)


def _latest(database: duckdb.DuckDBPyConnection, module: FeatureModule) -> Iterator[tuple[str, str, Any, str]]:
    for feature, window in module.windows.items():
        for row in database.execute(latest_sql(*looked_at(module, window))).fetchall():
            *entity, value, as_of = row
            yield feature, entity_key(entity), value, as_of.isoformat()
    for name, key, value, moment in stored_joins(database, module):
        yield name, entity_key(key), value, moment.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """A stored value and the moment that it describes (UTC, without zone)."""

    value: Any
    as_of: datetime


class WindowStore:
    """The latest window values of a package, read by key; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)

    def latest(self, feature: str, entity: Sequence[Any]) -> Latest | None:
        """The latest value of ``feature`` for the values of its ``by`` columns; None for an unknown entity."""
        row = self._connection.execute(
            "SELECT value, as_of FROM windows WHERE feature = ? AND entity = ?", (feature, entity_key(entity))
        ).fetchone()
        return Latest(value=row[0], as_of=datetime.fromisoformat(row[1])) if row else None

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
