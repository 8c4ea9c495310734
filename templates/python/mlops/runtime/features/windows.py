"""Point-in-time windows as SQL over a whole table."""

from __future__ import annotations

from ..core import duck
from .modules import Window

MICROSECONDS = 1_000_000


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


def _interval(microseconds: int) -> str:
    return f"to_microseconds({microseconds})"
