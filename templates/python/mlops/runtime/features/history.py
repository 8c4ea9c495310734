"""The history of stored features as Parquet: one file for each day, one row for each entity and refresh."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ..core import duck, paths
from .store_latest import Group

NULL = "\\N"
"""What stands for a missing part of an entity where the reader of the history allows no null."""

KEPT = timedelta(days=90)
AS_OF, CREATED = "event_timestamp", "created"
EVERYTHING = "everything"
"""The entity of features that are by nothing, where the reader needs one."""


def folder(name: str, group: Group) -> Path:
    """The history of the features of one set that share an entity, as they are defined now."""
    definitions = hashlib.sha256("\n".join(stored.name for stored in group.features).encode()).hexdigest()[:8]
    entity = re.sub(r"\W+", "_", "_".join(group.by)) or "all"
    return paths.feature_folder(name) / "history" / f"{entity}-{definitions}"


def append(
    database: duckdb.DuckDBPyConnection,
    days: Path,
    group: Group,
    moment: datetime,
    null: str | None = None,
) -> Path:
    """Add the latest values to the file of their day; a refresh of the same moment takes the place of its rows.

    The columns of the entity are texts. Where ``null`` stands for one that is missing, the reader is Feast, which
    knows neither that nor dates.
    """
    file = days / f"{moment:%Y-%m-%d}.parquet"
    query = _rows(group, moment, null)
    if file.exists():
        kept = f"SELECT * FROM {duck.scan(file)} WHERE {AS_OF} != {_timestamp(moment)}"
        database.execute(f"CREATE OR REPLACE TEMP TABLE __day AS {kept} UNION ALL BY NAME {query}")
        query = "SELECT * FROM __day"
    duck.write(database, query, file)
    _expire(file.parent, moment)
    return file


def columns(by: Sequence[str], features: Sequence[str]) -> list[str]:
    """The names of the entity's columns in the history: those of the data, unless a feature is called the same."""
    taken = {*features, AS_OF, CREATED}
    return [f"{column}_key" if column in taken else column for column in by]


def _rows(group: Group, moment: datetime, null: str | None) -> str:
    names = columns(group.by, [stored.feature for stored in group.features])
    selected = []
    for place, name in zip(group.entity, names, strict=True):
        text = f"CAST({place} AS VARCHAR)"
        if null:  # a text of its own that begins like it is told apart by one more backslash
            escaped = f"CASE WHEN starts_with({text}, '\\') THEN '\\' || {text} ELSE {text} END"
            text = f"coalesce({escaped}, {duck.literal(null)})"
        selected.append(f"{text} AS {duck.name(name)}")
    if not group.by and null:
        selected.append(f"{duck.literal(null)} AS {EVERYTHING}")
    for stored in group.features:
        dtype = group.types[stored.feature]
        kind = "VARCHAR" if null and dtype in {"date", "timestamp"} else duck.TYPES[dtype]
        selected.append(f"CAST({duck.name(stored.feature)} AS {kind}) AS {duck.name(stored.feature)}")
    selected += [f"{_timestamp(moment)} AS {AS_OF}", f"{_timestamp(_now())} AS {CREATED}"]
    return f"SELECT {', '.join(selected)} FROM {group.table}"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {duck.literal(moment.isoformat(sep=' '))}"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _expire(days: Path, moment: datetime) -> None:
    oldest = f"{moment - KEPT:%Y-%m-%d}.parquet"
    for file in days.glob("*.parquet"):
        if file.name < oldest:
            file.unlink()
