"""A metric that has no meaning for the task."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...model.values import Reference
from ..base import Check, Surroundings
from ..references.unknown_metric import named
from ..sections import business, models, monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every built-in metric that is for another task."""
    for model in models(project):
        own = business(model.spec)
        yield from (
            _finding(name, model.task)
            for name in named(model.spec)
            if name.name not in own and _wrong(name, model.task)
        )
    for monitor in monitors(project):
        asked, task = monitor.spec.metric, monitor.model.task if monitor.model else None
        if asked is not None and _wrong(asked, task):
            yield _finding(asked, task)


def _wrong(name: Reference, task: str | None) -> bool:
    metric = metrics().get(name.name)
    return metric is not None and task is not None and task not in metric.tasks


def _finding(name: Reference, task: str | None) -> Finding:
    fitting = [metric for metric, found in metrics().items() if task in found.tasks]
    return Finding(
        message=f"metric '{name.name}' does not fit {task}",
        mark=Mark(path=name.path, text=f"is for {' and '.join(metrics()[name.name].tasks)}", at="value"),
        help=f"what fits: {', '.join(fitting)}",
    )


CHECK = Check(
    code="MLC401",
    title="metric does not fit the task",
    explanation="Some metrics judge classes, some probabilities, some numbers. The task follows from the label, "
    "unless `task` says it.",
    run=find,
)
