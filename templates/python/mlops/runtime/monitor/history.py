"""The prediction log as a table: what was asked and answered within the windows of a monitor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from ..core import duck
from ..core.config import Feature
from ..train.encode import category
from .schedule import Window

Floats = npt.NDArray[np.float64]

COLUMNS = {
    "request_id": "VARCHAR",
    "key": "JSON",
    "time": "TIMESTAMP",
    "features": "JSON",
    "request": "JSON",
    "score": "DOUBLE",
    "decision": "JSON",
    "probabilities": "JSON",
    "version": "VARCHAR",
    "logged_at": "TIMESTAMP",
}
NUMBERS = {
    "boolean": "CAST(TRY_CAST({text} AS BOOLEAN) AS DOUBLE)",
    "timestamp": "epoch(TRY_CAST({text} AS TIMESTAMP))",
    "date": "epoch(TRY_CAST({text} AS TIMESTAMP))",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The logged predictions of a few windows; a prediction that was logged twice is there once."""

    database: duckdb.DuckDBPyConnection

    def count(self, window: Window) -> int:
        """How many predictions fall into the window."""
        return duck.count(self.database, f"(FROM log WHERE {within(window)})")

    def numbers(self, window: Window, feature: Feature) -> Floats:
        """The logged values of a feature as floats, NaN where missing; rows that did not log it are left out."""
        text = f"features->>{pointer(feature.name)}"
        number = NUMBERS.get(feature.dtype, "TRY_CAST({text} AS DOUBLE)").format(text=f"({text})")
        query = f"SELECT CAST({number} AS DOUBLE) AS value FROM log WHERE {within(window)} AND {_logged(feature)}"
        values = self.database.execute(query).fetchnumpy()["value"]
        return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan), dtype=np.float64)

    def categories(self, window: Window, feature: Feature) -> tuple[dict[str, int], int]:
        """How often each logged category of a feature occurs, and how often none."""
        query = (
            f"SELECT features->>{pointer(feature.name)} AS value, count(*) FROM log "
            f"WHERE {within(window)} AND {_logged(feature)} GROUP BY value"
        )
        counts: dict[str | None, int] = {}
        for text, count in self.database.execute(query).fetchall():
            value = category(float(text) if text is not None and feature.dtype in {"integer", "float"} else text)
            counts[value] = counts.get(value, 0) + int(count)
        nulls = counts.pop(None, 0)
        return {value: count for value, count in counts.items() if value is not None}, nulls

    def version(self, window: Window) -> str | None:
        """The model version that made most predictions of the window."""
        query = f"SELECT version FROM log WHERE {within(window)} GROUP BY version ORDER BY count(*) DESC, version DESC"
        found = duck.value(self.database, query)
        return None if found is None else str(found)


@contextmanager
def opened(folder: Path, windows: Sequence[Window]) -> Iterator[History]:
    """The log in ``folder``, as far as the windows reach."""
    start, end = min(window.start for window in windows), max(window.end for window in windows)
    files = [str(file) for file in _files(folder, start, end)]
    with duck.connection() as database:
        declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        database.execute(f"CREATE TEMP TABLE log ({declared})")
        if files:
            listed = ", ".join(duck.literal(file) for file in files)
            columns = ", ".join(f"{name}: {duck.literal(kind)}" for name, kind in COLUMNS.items())
            # A line that a crash cut short is no prediction: ignore_errors leaves it out.
            source = (
                f"read_json([{listed}], format = 'newline_delimited', ignore_errors = true, columns = {{{columns}}})"
            )
            within_reach = within(Window(start=start, end=end))
            database.execute(
                f"INSERT INTO log SELECT {', '.join(COLUMNS)} FROM {source} WHERE {within_reach} "
                "QUALIFY row_number() OVER (PARTITION BY request_id, key, features ORDER BY logged_at DESC) = 1"
            )
        yield History(database=database)


def within(window: Window) -> str:
    """SQL that holds for the predictions whose time falls into the window."""
    return f"time >= {_moment(window.start)} AND time < {_moment(window.end)}"


def pointer(name: str) -> str:
    """The JSON pointer to a field, as an SQL literal."""
    return duck.literal("/" + name.replace("~", "~0").replace("/", "~1"))


def _logged(feature: Feature) -> str:
    return f"(features->{pointer(feature.name)}) IS NOT NULL"  # JSON null is a value, SQL NULL is an absent field


def _moment(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _files(folder: Path, start: datetime, end: datetime) -> Iterator[Path]:
    day = start.astimezone(UTC).date()
    while day <= end.astimezone(UTC).date():
        yield from sorted((folder / f"date={day.isoformat()}").glob("*.jsonl"))
        day += timedelta(days=1)
