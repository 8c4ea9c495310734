"""A gate on a latency that the estimator does not reach on any machine."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import Latency, latencies
from ...diagnostics import Finding, Mark, Severity
from ...model.models import Train
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import gates, models

MARGIN = 3
"""A machine may be so many times as fast as the one that was measured on."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every latency below a third of what the smallest such model was measured to take."""
    for model in models(project):
        for gate in gates(model.spec):
            if gate.kind == "latency_p95" and gate.max:
                yield from _judged(model, gate.max * 1000, (*gate.path, "latency_p95"))


def _judged(model: ResolvedModel, wanted: float, path: tuple[str | int, ...]) -> Iterator[Finding]:
    train = model.spec.train
    measured = latencies().get(train.estimator.name) if isinstance(train, Train) and train.estimator else None
    fastest = _fastest(measured, len(model.features)) if measured is not None else None
    if fastest is None or not isinstance(train, Train) or train.estimator is None or wanted * MARGIN >= fastest:
        return
    short = train.estimator.name.rpartition(".")[2]
    yield Finding(
        message=f"'{short}' does not answer within {wanted:g}ms",
        mark=Mark(path=path, text=f"the smallest one took {fastest:.2g}ms"),
        related=(Mark(path=train.estimator.path, text="the estimator", at="value"),),
        help=f"write: latency_p95: {max(1, round(fastest * 10))}ms",
    )


def _fastest(measured: Latency, features: int) -> float:
    """The time with the largest number of features that was measured and is not above the model's."""
    fitting = [taken for count, taken in measured if count <= features]
    return min(fitting[-1:] or [measured[0][1]])


CHECK = Check(
    code="MLC421",
    title="latency out of reach",
    explanation="The gate `latency_p95` measures single predictions in the process that scores them. The catalogue "
    "keeps how long the smallest model of each estimator was measured to take through the same code; a gate below a "
    "third of that stops every model.",
    run=find,
    severity=Severity.WARNING,
)
