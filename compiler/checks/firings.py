"""When schedules fire: each evaluated once over a fixed year, so that comparing them is a matter of bits.

The days of the year are the bits of one integer, kept for every minute of the day at which a schedule fires. Two
schedules meet where both have a bit at the same minute. Nothing depends on today: the year begins on 1 January 2024,
a Monday in a leap year, and runs on for a week, so that every date and every week is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from .cron import is_any, parsed

BEGIN = date(2024, 1, 1)
DAYS = 373
MINUTES = 24 * 60
WEEK = 7
WHOLE = (1 << DAYS) - 1

Firings = Mapping[int, int]
"""By minute of the day, the days as bits: bit 0 is the day before the year begins."""


@lru_cache(maxsize=4096)
def firings(cron: str, timezone: str) -> Firings:
    """When ``cron`` fires in ``timezone``, in UTC; nothing where one of them is invalid."""
    found = _local(cron)
    if found is None:
        return {}
    minutes, days = found
    by_minute: dict[int, int] = {}
    for offset, in_force in _offsets(timezone).items():
        present = days & in_force
        for minute in minutes if present else ():
            shift, utc = divmod(minute - offset, MINUTES)
            moved = present << (1 + shift)
            by_minute[utc] = by_minute.get(utc, 0) | moved
    return by_minute


def meet(one: Firings, other: Firings) -> bool:
    """Whether both fire at the same minute of the same day."""
    few, many = sorted((one, other), key=len)
    return any(days & many.get(minute, 0) for minute, days in few.items())


@lru_cache(maxsize=4096)
def gaps(cron: str) -> tuple[int, int] | None:
    """The fewest and the most minutes from one firing to the next; None where it fires less than twice a year."""
    found = _local(cron)
    if found is None:
        return None
    minutes, days = found
    within = [later - earlier for earlier, later in pairwise(minutes)]
    apart = _apart(days)
    if not within and not apart:
        return None
    over_night = [number * MINUTES - minutes[-1] + minutes[0] for number in apart]
    return min(within + over_night), max(within + over_night)


@lru_cache(maxsize=4096)
def most_in_a_week(cron: str) -> int:
    """How often it fires in the busiest seven days."""
    found = _local(cron)
    if found is None:
        return 0
    minutes, days = found
    week = (1 << WEEK) - 1
    return len(minutes) * max((days >> first & week).bit_count() for first in range(DAYS - WEEK + 1))


@lru_cache(maxsize=4096)
def _local(cron: str) -> tuple[tuple[int, ...], int] | None:
    """The minutes of the day in order, and the days as bits, both by the clock of the schedule's own time zone."""
    values = parsed(cron)
    if isinstance(values, str):
        return None
    _, _, day, _, weekday = cron.split()
    days = _days(frozenset(values[2]), frozenset(values[3]), frozenset(values[4]), either=not _star(day, weekday))
    minutes = sorted(60 * hour + minute for hour in values[1] for minute in values[0])
    return (tuple(minutes), days) if days else None


def _star(day: str, weekday: str) -> bool:
    return is_any(day) or is_any(weekday)


@lru_cache(maxsize=1024)
def _days(day: frozenset[int], month: frozenset[int], weekday: frozenset[int], *, either: bool) -> int:
    bits = 0
    for index in range(DAYS):
        today = BEGIN + timedelta(days=index)
        of_month = today.day in day
        of_week = today.isoweekday() in weekday or (today.isoweekday() == WEEK and 0 in weekday)
        if today.month in month and (of_month or of_week if either else of_month and of_week):
            bits |= 1 << index
    return bits


@lru_cache(maxsize=1024)
def _apart(days: int) -> frozenset[int]:
    """How many days lie from one day to the next."""
    places = [index for index in range(DAYS) if days >> index & 1]
    return frozenset(later - earlier for earlier, later in pairwise(places))


@lru_cache(maxsize=256)
def _offsets(timezone: str) -> Mapping[int, int]:
    """The days on which the clock is so many minutes ahead of UTC, as it is at noon."""
    if timezone in ("UTC", "Etc/UTC"):
        return {0: WHOLE}
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):  # no such zone, or no name of one
        return {}
    found: dict[int, int] = {}
    for index in range(DAYS):
        noon = datetime.combine(BEGIN + timedelta(days=index), time(12), tzinfo=zone)
        offset = round((noon.astimezone(UTC).replace(tzinfo=None) - noon.replace(tzinfo=None)).total_seconds() / -60)
        found[offset] = found.get(offset, 0) | 1 << index
    return found
