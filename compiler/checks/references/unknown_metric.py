"""A metric that neither the catalogue nor the model knows."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.models import Decision, Evaluate, Model, Tune
from ...model.resolved import Project
from ...model.values import Reference, is_valid
from ...suggest import did_you_mean, renamed
from ..base import Check, Surroundings
from ..sections import business, gates, models, monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every metric that nothing defines."""
    for model in models(project):
        if not is_valid(model.spec.evaluate):
            continue  # what it defines is not known
        known = {*metrics(), *business(model.spec)}
        for name in named(model.spec):
            if name.name not in known:
                yield _unknown(name, known, model.task)
    for monitor in monitors(project):
        asked = monitor.spec.metric
        if asked is not None and monitor.model is not None and asked.name not in metrics():
            yield _unknown(asked, set(metrics()), monitor.model.task)


def named(model: Model) -> Iterator[Reference]:
    """Every metric that the model names."""
    if isinstance(model.evaluate, Evaluate):
        yield from model.evaluate.metrics
    if isinstance(model.tune, Tune):
        yield model.tune.metric
    if isinstance(model.decision, Decision):
        yield from (name for name in (model.decision.maximize, model.decision.minimize) if name is not None)
    yield from (gate.metric for gate in gates(model) if gate.metric is not None)


def _unknown(name: Reference, known: set[str], task: str | None) -> Finding:
    fitting = sorted(metric for metric in known if metric not in metrics() or task in metrics()[metric].tasks)
    mark = Mark(path=name.path, text="neither built in nor a business metric", at="value")
    return Finding(
        message=f"unknown metric '{name.name}'",
        mark=mark,
        fix=renamed(mark, name.name, known),
        help=did_you_mean(name.name, known) or f"there is: {', '.join(fitting)}",
    )


CHECK = Check(
    code="MLC205",
    title="unknown metric",
    explanation="A metric is one of the built-in names, or a business metric that the model defines in SQL under "
    "`evaluate.business`. Monitors compute built-in metrics only.",
    run=find,
)
