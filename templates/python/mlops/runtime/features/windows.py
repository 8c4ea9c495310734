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
from .modules import FeatureModule, Window

MICROSECONDS = 1_000_000
SCHEMA = """
CREATE TABLE windows (feature TEXT, entity TEXT, value, as_of TEXT, PRIMARY KEY (feature, entity)) WITHOUT ROWID
"""


def window_sql(window: Window) -> str:
    """The feature for every row of its table.

    The frame of a row at time t is (t - lag - window, t - lag]. Times have microseconds, so the open lower end is one
    microsecond later. Without a lag the upper end is one microsecond before t: a row never sees itself, nor another
    row of the same moment.
    """
    nearest = max(window.lag_seconds * MICROSECONDS, 1)
    farthest = (window.lag_seconds + window.window_seconds) * MICROSECONDS - 1
    moment = f"CAST({duck.name(window.time)} AS TIMESTAMP)"
    by = ", ".join(duck.name(column) for column in window.by)
    partition = f"PARTITION BY {by} " if by else ""
    frame = f"RANGE BETWEEN {_interval(farthest)} PRECEDING AND {_interval(nearest)} PRECEDING"
    value = f"{window.aggregate} OVER ({partition}ORDER BY {moment} {frame})"
    return f"CASE WHEN {duck.name(window.time)} IS NULL THEN NULL ELSE {value} END"


def latest_sql(window: Window, table: str) -> str:
    """The feature of every entity as of the newest row: entity columns, ``value`` and ``as_of``."""
    moment = f"CAST({duck.name(window.time)} AS TIMESTAMP)"
    by = ", ".join(duck.name(column) for column in window.by)
    newest = f"(SELECT max({moment}) FROM {table})"
    nearest = _interval(max(window.lag_seconds * MICROSECONDS, 1))
    farthest = _interval((window.lag_seconds + window.window_seconds) * MICROSECONDS)
    entities = f"{by}, " if by else ""
    group = f"GROUP BY {by}" if by else ""
    return (
        f"SELECT {entities}{window.aggregate} AS value, {newest} AS as_of FROM {table} "
        f"WHERE {moment} > {newest} - {farthest} AND {moment} <= {newest} - {nearest} {group}"
    )


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
        for row in database.execute(latest_sql(window, duck.name(module.source))).fetchall():
            *entity, value, as_of = row
            yield feature, entity_key(entity), value, as_of.isoformat()


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
