"""One cron expression in two time zones, which a workflow cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import Schedule
from ..base import Check, Surroundings
from ..workflows import by_workflow


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every schedule whose cron expression another one of the same workflow has in another time zone."""
    for workflow, schedules in by_workflow(project).items():
        first: dict[str, Schedule] = {}
        for schedule in schedules:
            other = first.setdefault(schedule.cron, schedule)
            if other is not schedule:
                yield Finding(
                    message=f"'{schedule.cron}' in {schedule.timezone} and in {other.timezone} start the same jobs of "
                    f"the {workflow} workflow, both times",
                    mark=Mark(path=schedule.path, at="value"),
                    related=(Mark(path=other.path, text=f"in {other.timezone}", at="value"),),
                    help="choose another minute for one of them"
                    + (f": '{_next(schedule.cron)}'" if schedule.cron.split()[0].isdigit() else ""),
                )


def _next(cron: str) -> str:
    minute, rest = cron.split(maxsplit=1)
    return f"{(int(minute) + 1) % 60} {rest}"


CHECK = Check(
    code="MLC619",
    title="schedules that cannot be told apart",
    explanation="A run of a workflow on GitHub learns only the cron expression that started it, not its time zone. "
    "Jobs that have the same expression in different zones would all run at both times: trained, scored or watched "
    "twice as often as said.",
    severity=Severity.WARNING,
    run=find,
)
