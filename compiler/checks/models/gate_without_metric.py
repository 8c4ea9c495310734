"""A gate on something that nothing computes."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.models import Gate
from ...model.resolved import Project, ResolvedModel
from ...model.values import is_valid
from ...suggest import suggest
from ..base import Check, Surroundings
from ..sections import business, gates, models
from .gate_against_metric import is_whole


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every gate whose metric is not computed, or that decides nothing."""
    for model in models(project):
        computed = {*model.metrics, *business(model.spec)}
        for gate in gates(model.spec):
            if gate.metric is not None and gate.metric.name not in computed and _could(gate.metric.name, model):
                yield Finding(
                    message=f"gate on '{gate.metric.name}', which nothing computes",
                    mark=Mark(path=gate.metric.path, text="not among evaluate.metrics", at="value"),
                    related=(Mark(path=(*model.spec.path, "evaluate", "metrics"), text="these are computed"),),
                    help=f"add it: metrics: [{', '.join((*model.metrics, gate.metric.name))}]",
                )
            if is_whole(gate, surroundings) and (gate.kind != "metric" or not surroundings.written((*gate.path, "vs"))):
                yield from _undecided(gate)


def _could(name: str, model: ResolvedModel) -> bool:
    """Whether the metric is one that the model might compute; others are other checks' business."""
    return (
        name in metrics()
        and model.task is not None  # else its default metrics are not known either
        and model.task in metrics()[name].tasks
        and is_valid(model.spec.evaluate)
        and name not in _meant(model)
    )


def _meant(model: ResolvedModel) -> set[str | None]:
    """What the mistyped names among the metrics stand for; they have been reported."""
    known = {*metrics(), *business(model.spec)}
    return {suggest(metric, known) for metric in model.metrics if metric not in known}


def _undecided(gate: Gate) -> Iterator[Finding]:
    if gate.kind == "metric" and gate.metric is not None and gate.min is None and gate.max is None:
        yield Finding(
            message=f"the gate on '{gate.metric.name}' has no bound",
            mark=Mark(path=gate.path, at="value"),
            help="add min or max, or compare: vs: champion",
        )
    if gate.min is not None and gate.max is not None and gate.min > gate.max:
        yield Finding(
            message=f"no model passes: min {gate.min:g} is above max {gate.max:g}",
            mark=Mark(path=(*gate.path, "min")),
            help=f"exchange them: min: {gate.max:g}, max: {gate.min:g}; or leave one out",
        )


CHECK = Check(
    code="MLC402",
    title="gate on nothing",
    explanation="A gate blocks a release by a figure of the evaluation. A figure that is not computed, or a gate "
    "without a bound, would let every model pass or none.",
    run=find,
)
