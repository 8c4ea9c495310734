"""A gate that another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...diagnostics import Edit, Finding, Mark, Severity
from ...model.models import Gate
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import gates, specs
from .gate_against_metric import is_whole


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every gate that never decides, since another asks for the same or for more."""
    for model in specs(project):
        strictest: dict[Gate, Gate] = {}
        for gate in _rivals(tuple(gates(model))):
            if not is_whole(gate, surroundings):
                continue
            figure = _figure(gate)
            first = strictest.setdefault(figure, gate)
            if first is gate:
                continue
            weaker, stronger = (gate, first) if _bounds(first) >= _bounds(gate) else (first, gate)
            strictest[figure] = stronger
            name = gate.metric.name if gate.metric is not None else gate.kind
            yield Finding(
                message=f"a gate on '{name}' never decides: another asks for {_compared(weaker, stronger)}",
                mark=Mark(path=weaker.path),
                related=(Mark(path=stronger.path, text="the other gate"),),
                help="remove it",
                fix=(Edit(mark=Mark(path=weaker.path), action="remove"),),
            )


def _rivals(every: tuple[Gate, ...]) -> Iterator[Gate]:
    """The gates on a metric that another one is on: few models have any."""
    metrics = [(gate.kind, gate.metric.name if gate.metric is not None else None) for gate in every]
    return (gate for gate, metric in zip(every, metrics, strict=True) if metrics.count(metric) > 1)


def _figure(gate: Gate) -> Gate:
    """The gate without its place and its bound: what it looks at, and what else it says.

    A gate with both bounds is a figure of its own, for another one may ask for more on one side alone.
    """
    metric = replace(gate.metric, path=()) if gate.metric is not None else None
    cut = replace(gate.slice, path=()) if gate.slice is not None else None
    plain = replace(gate, path=(), metric=metric, slice=cut)
    if gate.min is not None and gate.max is not None:
        return plain
    return replace(plain, min=gate.min and 0.0, max=gate.max and 0.0, min_delta=0.0)


def _bounds(gate: Gate) -> float:
    """How much the gate asks for: more where its minimum is higher or its maximum lower."""
    if gate.kind == "champion":
        return gate.min_delta
    return gate.min if gate.min is not None else -(gate.max or 0.0)


def _compared(weaker: Gate, stronger: Gate) -> str:
    return "the same" if _bounds(weaker) == _bounds(stronger) else "more"


CHECK = Check(
    code="MLC424",
    title="gate that never decides",
    explanation="Of two gates on the same figure with the same conditions, the stricter one decides. The other is left "
    "over, or was meant for another metric or slice.",
    run=find,
    severity=Severity.WARNING,
)
