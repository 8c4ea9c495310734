"""A schedule that never fires, or in a time zone that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...model.values import Schedule
from ...suggest import suggest
from ..base import Check, Surroundings
from ..cron import minutes_apart, problem
from ..sections import schedules

LEAST_MINUTES = 5
"""GitHub does not start scheduled workflows more often."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every schedule that is not a cron expression of five fields."""
    for schedule in schedules(project):
        wrong = problem(schedule.cron)
        if wrong is not None:
            yield Finding(
                message=f"invalid schedule '{schedule.cron}': {wrong}",
                mark=Mark(path=schedule.path, at="value"),
                help="such as '0 6 * * *' for six o'clock every day, '30 2 * * 1' for Mondays at half past two",
            )
        elif project.spec.stack.ci == "github-actions" and minutes_apart(schedule.cron) < LEAST_MINUTES:
            yield Finding(
                message=f"schedule '{schedule.cron}' is more often than GitHub starts workflows",
                mark=Mark(path=schedule.path, at="value"),
                help=f"every {LEAST_MINUTES} minutes at most: '*/5 * * * *'",
            )
        yield from _zone(schedule)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks the whole database, so once


def _zone(schedule: Schedule) -> Iterator[Finding]:
    known = _zones()
    if known and schedule.timezone not in known:
        near = suggest(schedule.timezone, known)
        yield Finding(
            message=f"unknown time zone '{schedule.timezone}'",
            mark=Mark(path=(*schedule.path[:-1], "timezone"), at="value"),
            help=f"did you mean '{near}'?" if near else "such as UTC or Europe/Berlin",
        )


CHECK = Check(
    code="MLC601",
    title="invalid schedule",
    explanation="A schedule is a cron expression of five fields: minute, hour, day of the month, month, day of the "
    "week; in UTC unless a time zone is given. GitHub Actions starts nothing more often than every five "
    "minutes.",
    run=find,
)
