"""A gate that lets everything pass."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark, Severity
from ...model.models import Gate
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import business, gates, models
from .gate_against_metric import goal_of, is_against, is_whole

Range = tuple[float | None, float | None]


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every gate whose bounds lie outside of what its metric can be."""
    for model in models(project):
        for gate in gates(model.spec):
            known = range_of(model, gate)
            if known is not None and is_whole(gate, surroundings):
                yield from _judged(model, gate, known)


def range_of(model: ResolvedModel, gate: Gate) -> Range | None:
    """The least and the most that the gate's metric can be; None where nobody knows."""
    name = gate.metric.name if gate.metric is not None else ""
    metric = metrics().get(name) if name not in business(model.spec) else None
    return metric.ranges.get(model.task or "") if metric is not None else None


def _judged(model: ResolvedModel, gate: Gate, known: Range) -> Iterator[Finding]:
    name, (low, high) = gate.metric.name if gate.metric is not None else "", known
    if gate.kind == "champion":
        if low is not None and high is not None and gate.min_delta <= low - high:
            yield Finding(
                message=f"the comparison of '{name}' with the champion never fails",
                mark=Mark(path=(*gate.path, "min_delta"), text=f"'{name}' cannot become worse by that much"),
                help="say how much worse it may be, such as: min_delta: -0.005",
            )
        return
    goal = goal_of(model.spec, name, model.task)
    if goal is None or is_against(gate, goal, gates(model.spec)):
        return
    below = gate.min is None or (low is not None and gate.min <= low)
    above = gate.max is None or (high is not None and gate.max >= high)
    if below and above and (gate.min is not None or gate.max is not None):
        key = "max" if gate.min is None else "min"
        edge = low if key == "min" else high
        yield Finding(
            message=f"the gate on '{name}' never fails",
            mark=Mark(
                path=(*gate.path, key), text=f"'{name}' is never {'below' if key == 'min' else 'above'} {edge:g}"
            ),
            help="ask for what a useful model reaches, or leave the gate out",
        )


CHECK = Check(
    code="MLC413",
    title="gate that never fails",
    explanation="A bound at the edge of what a metric can be is kept by every model, also by one that guesses. It "
    "looks like a gate and is none.",
    run=find,
    severity=Severity.WARNING,
)
