"""Point-in-time windows as SQL over a whole table."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import duck
from .joins import Extra, moment_of
from .modules import Join, Window

MICROSECONDS = 1_000_000
NEVER = "TIMESTAMP '9999-12-31'"


def window_sql(window: Window, predict_at: str | None = None) -> str:
    """The feature for every row of its table.

    A row at time t sees the rows whose moment is in (t - lag - window, t - lag]; t is the row's time, or the time of
    its prediction where ``predict_at`` names a column that holds an earlier one. Times have microseconds, so the open
    lower end is one microsecond later. Without a lag the upper end is one microsecond before t: a row never sees
    itself, nor another row of the same moment.
    """
    farthest, nearest = _reach(window)
    time, moment = _timestamp(window.time), counts_from(window)
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
    events = f"SELECT {past}, {counts_from(window)} AS {moment}, true AS __past FROM {duck.name(join.dataset)}"
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


def _reach(window: Window) -> tuple[int, int]:
    """How far before t the window begins and ends, in microseconds."""
    farthest = (window.lag_seconds + window.window_seconds) * MICROSECONDS
    return farthest, max(window.lag_seconds * MICROSECONDS, 1)


def counts_from(window: Window) -> str:
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
