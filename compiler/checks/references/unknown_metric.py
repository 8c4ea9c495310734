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

ELSEWHERE = {
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "pr_auc": "average_precision",
    "auprc": "average_precision",
    "ap": "average_precision",
    "f1_score": "f1",
    "acc": "accuracy",
    "accuracy_score": "accuracy",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "brier": "brier_score",
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "root_mean_squared_error": "rmse",
    "mean_absolute_percentage_error": "mape",
    "r2_score": "r2",
}
"""What the metrics are called by other libraries and papers."""

GATES = {"latency_p95": "latency_p95: 100ms", "model_size": "model_size: 50MB"}
"""What a gate may ask for by a key of its own."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every metric that nothing defines."""
    for model in models(project):
        if not is_valid(model.spec.evaluate):
            continue  # what it defines is not known
        known = {*metrics(), *business(model.spec)}
        for name in named(model.spec):
            if name.name not in known:
                yield _unknown(name, known, model.task, set())
    for monitor in monitors(project):
        asked = monitor.spec.metric
        own = business(monitor.model.spec) if monitor.model is not None else set()
        if asked is not None and monitor.model is not None and asked.name not in metrics():
            yield _unknown(asked, set(metrics()), monitor.model.task, own)


def named(model: Model) -> Iterator[Reference]:
    """Every metric that the model names."""
    if isinstance(model.evaluate, Evaluate):
        yield from model.evaluate.metrics
    if isinstance(model.tune, Tune):
        yield model.tune.metric
    if isinstance(model.decision, Decision):
        yield from (name for name in (model.decision.maximize, model.decision.minimize) if name is not None)
    yield from (gate.metric for gate in gates(model) if gate.metric is not None)


def _unknown(name: Reference, known: set[str], task: str | None, elsewhere: set[str]) -> Finding:
    fitting = sorted(metric for metric in known if metric not in metrics() or task in metrics()[metric].tasks)
    mark = Mark(path=name.path, text="neither built in nor a business metric", at="value")
    return Finding(
        message=f"unknown metric '{name.name}'",
        mark=mark,
        fix=renamed(mark, name.name, known),
        help=_help(name.name, known, elsewhere) or f"there is: {', '.join(fitting)}",
    )


def _help(name: str, known: set[str], elsewhere: set[str]) -> str | None:
    if name in elsewhere:
        return f"'{name}' is a business metric, which only training computes; watch one of the built-in metrics"
    if name in GATES:
        return f"it is a gate of its own: {{{GATES[name]}}}"
    meant = ELSEWHERE.get(name.lower().replace("-", "_").replace(" ", "_"))
    return f"did you mean '{meant}'?" if meant in known else did_you_mean(name, known)


CHECK = Check(
    code="MLC205",
    title="unknown metric",
    explanation="A metric is one of the built-in names, or a business metric that the model defines in SQL under "
    "`evaluate.business`. Monitors compute built-in metrics only.",
    run=find,
)
