"""A schedule that never fires, or in a time zone that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ...diagnostics import Edit, Finding, Mark
from ...model.resolved import Project
from ...model.values import Schedule
from ...suggest import certain, suggest
from ..base import Check, Surroundings
from ..cron import problem
from ..firings import gaps
from ..sections import schedules

PLACE = re.compile(r"UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+")
LEAST_MINUTES = 5
"""GitHub does not start scheduled workflows more often."""
ABBREVIATIONS = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "CT": "America/Chicago",
    "MDT": "America/Denver",
    "MST": "America/Denver",
    "MT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "AKDT": "America/Anchorage",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "EEST": "Europe/Helsinki",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
    "Z": "UTC",
    "ZULU": "UTC",
}
"""What people who write an abbreviation most often mean; the database has names of places."""


MACROS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
"""The words that crontabs take, and GitHub does not."""

USUAL = "such as '0 6 * * *' for six o'clock every day, '30 2 * * 1' for Mondays at half past two"


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every schedule that is not a cron expression of five fields."""
    for schedule in schedules(project):
        wrong = problem(schedule.cron)
        if wrong is not None:
            meant = _respelled(schedule.cron)
            yield Finding(
                message=f"invalid schedule '{schedule.cron}': {wrong}",
                mark=Mark(path=schedule.path, at="value"),
                help=f"write: '{meant}'" if meant else USUAL,
            )
        elif project.spec.stack.ci == "github-actions" and _apart(schedule.cron) < LEAST_MINUTES:
            yield Finding(
                message=f"schedule '{schedule.cron}' is more often than GitHub starts workflows",
                mark=Mark(path=schedule.path, at="value"),
                help=f"every {LEAST_MINUTES} minutes at most: '*/5 * * * *'",
            )
        yield from _zone(schedule)


def _respelled(cron: str) -> str | None:
    """The five fields that crontabs, Quartz and Spring write otherwise; None where that is a guess."""
    word = MACROS.get(cron.strip().lower().removeprefix("@"))
    if word is not None:
        return word
    parts = ["*" if part == "?" else part for part in cron.split()]
    seconds = len(parts) == 6 and parts[0] == "0"  # noqa: PLR2004  (a sixth field in front is seconds)
    turned = " ".join(parts[1:] if seconds else parts)
    return turned if turned != cron and problem(turned) is None else None


def _apart(cron: str) -> int:
    found = gaps(cron)
    return found[0] if found else LEAST_MINUTES


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks the whole database, so once


@cache
def _loads(zone: str) -> bool:
    """Whether the database surely has this zone, which is asked of one file; other names are looked for in its list."""
    if not PLACE.fullmatch(zone):
        return False
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zone(schedule: Schedule) -> Iterator[Finding]:
    known = _zones() if not _loads(schedule.timezone) else frozenset()
    if known and schedule.timezone not in known:
        mark = Mark(path=(*schedule.path[:-1], "timezone"), at="value")
        help_, sure = _meant(schedule.timezone, known), certain(schedule.timezone, known)
        yield Finding(
            message=f"unknown time zone '{schedule.timezone}'",
            mark=mark,
            help=help_,
            fix=(Edit(mark=mark, value=sure),) if help_ == f"did you mean '{sure}'?" else (),
        )


def _meant(zone: str, known: frozenset[str]) -> str:
    """What stands for the zone in the database: an offset is told from a place, and an abbreviation from both."""
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?", zone, re.IGNORECASE)
    fixed = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{offset[2]}" if offset is not None else ""
    if fixed in known:
        return f"write '{fixed}', whose sign is the other way round; a place, such as Europe/Berlin, changes its clock"
    place = ABBREVIATIONS.get(re.sub(r"[-+]?\d+.*", "", zone.upper()))
    if place is not None:
        return f"an abbreviation is no name of a zone; did you mean '{place}'?"
    cities = {name.rpartition("/")[2]: name for name in sorted(known, reverse=True)}
    near = suggest(zone, known) or cities.get(suggest(zone.rpartition("/")[2], cities) or "")
    return f"did you mean '{near}'?" if near else "such as UTC or Europe/Berlin"


CHECK = Check(
    code="MLC601",
    title="invalid schedule",
    explanation="A schedule is a cron expression of five fields: minute, hour, day of the month, month, day of the "
    "week; in UTC unless a time zone is given. GitHub Actions starts nothing more often than every five "
    "minutes.",
    run=find,
)
