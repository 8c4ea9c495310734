"""Two schedules that meet where it matters which comes first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Batch, Retrain
from ...model.monitors import Monitor
from ...model.resolved import Project
from ...model.values import Schedule
from ..base import Check, Surroundings
from ..firings import firings, meet
from ..sections import monitor_specs, specs

MOST = 20
"""So many different schedules of one model are compared with each other."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every training and batch of one model, and every two monitors that train it, at the same minute."""
    for model in specs(project):
        retrain, batch = model.retrain, model.deploy.batch
        train = retrain.schedule if isinstance(retrain, Retrain) else None
        score = batch.schedule if isinstance(batch, Batch) else None
        often = train is not None and train.cron.split()[:1] == ["*"]  # which no CI starts, and has been reported
        if train is not None and score is not None and not often and _meet(train, score):
            yield Finding(
                message=f"'{model.name}' is trained and scores its batch at the same minute",
                mark=Mark(path=score.path, text="with which version is chance", at="value"),
                related=(Mark(path=train.path, text="training starts then", at="value"),),
                help=f"let the batch run first, or a few hours later: {_later(score.cron)}",
            )
    yield from _monitors(project)


def _monitors(project: Project) -> Iterator[Finding]:
    by_model: dict[str, dict[tuple[str, str], Monitor]] = {}
    for monitor in monitor_specs(project):
        if any(action.name == "retrain" for action in monitor.on_breach):
            schedule = monitor.schedule  # the same schedule is one run, which trains once
            by_model.setdefault(monitor.model.name, {}).setdefault((schedule.cron, schedule.timezone), monitor)
    for model, found in by_model.items():
        for one, other in combinations(list(found.values())[:MOST], 2):
            if _meet(one.schedule, other.schedule):
                yield Finding(
                    message=f"monitors '{one.name}' and '{other.name}' can both train '{model}' at the same minute",
                    mark=Mark(path=other.schedule.path, text="starts a second training", at="value"),
                    related=(Mark(path=one.schedule.path, text=f"'{one.name}' runs then, too", at="value"),),
                    help="give them the same schedule, so that one run asks for one training; or another minute: "
                    f"{_later(other.schedule.cron, hours=0)}",
                )


def _meet(one: Schedule, other: Schedule) -> bool:
    return meet(firings(one.cron, one.timezone), firings(other.cron, other.timezone))


def _later(cron: str, hours: int = 4) -> str:
    """The schedule at another time of the day, or half an hour off where it fires at many."""
    minute, hour, *rest = cron.split()
    if hours and hour.isdigit():
        hour = str((int(hour) + hours) % 24)
    else:
        minute = str((int(minute) + 30) % 60) if minute.isdigit() else "7"
    return f"'{' '.join((minute, hour, *rest))}'"


CHECK = Check(
    code="MLC617",
    title="schedules that collide",
    explanation="When the training and the batch of a model start at the same minute, chance decides which version "
    "the batch uses. Two monitors with different schedules that meet are two runs, and each may start a training of "
    "the same model. Other schedules may meet: jobs that change the same state take turns.",
    severity=Severity.WARNING,
    run=find,
)
