"""So many schedules at one minute that GitHub cancels some of them."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import Schedule
from ..base import Check, Surroundings
from ..firings import firings
from ..workflows import by_workflow

MOST_RELATED = 5


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """The third schedule of one workflow at the same minute: one runs, one waits, and any other is cancelled."""
    for workflow, schedules in by_workflow(project).items():
        crowd = _crowd(schedules)
        if crowd:
            third, others = crowd[2], [*crowd[:2], *crowd[3:]]
            yield Finding(
                message=f"{len(crowd)} schedules of the {workflow} workflow meet at one minute: one runs, "
                "and GitHub lets only one wait",
                mark=Mark(path=third.path, text="is cancelled, or cancels another", at="value"),
                related=tuple(Mark(path=item.path, text="meets it", at="value") for item in others[:MOST_RELATED]),
                help=f"write the same schedule for all, '{crowd[0].cron}', and they are one run; or other minutes",
            )


def _crowd(schedules: list[Schedule]) -> list[Schedule]:
    """The schedules that meet at the first minute at which at least three do."""
    once: dict[int, int] = {}
    twice: dict[int, int] = {}
    for schedule in schedules:
        for minute, days in firings(schedule.cron, schedule.timezone).items():
            three = twice.get(minute, 0) & days
            if three:
                day = three & -three
                return [item for item in schedules if firings(item.cron, item.timezone).get(minute, 0) & day]
            twice[minute] = twice.get(minute, 0) | once.get(minute, 0) & days
            once[minute] = once.get(minute, 0) | days
    return []


CHECK = Check(
    code="MLC618",
    title="too many schedules at one minute",
    explanation="Different cron expressions are different runs of a workflow. Runs that change the same state take "
    "turns in a concurrency group, in which GitHub keeps one running and one waiting; a third cancels the one that "
    "waits, and a training or a monitor is silently left out.",
    severity=Severity.WARNING,
    run=find,
)
