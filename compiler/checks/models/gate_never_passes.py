"""A gate that no model can pass."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Gate
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import gates, models
from .gate_against_metric import goal_of, is_against
from .gate_never_fails import Range, range_of

PERCENT, LEAST_PERCENT = 100, 2
NOTHING = {"latency_p95": "no prediction takes no time", "model_size": "no model is stored in nothing"}


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every gate that asks for more than there is, and every two that contradict each other."""
    for model in models(project):
        for gate in gates(model.spec):
            known = range_of(model, gate)
            if known is not None:
                yield from _beyond(model, gate, known)
            if gate.kind in NOTHING and gate.max == 0:
                yield Finding(
                    message=f"no model passes the gate on '{gate.kind}'",
                    mark=Mark(path=(*gate.path, gate.kind), text=NOTHING[gate.kind]),
                    help=f"write: {gate.kind}: {'20ms' if gate.kind == 'latency_p95' else '20MB'}",
                )
        yield from _contradictions(gates(model.spec))


def _beyond(model: ResolvedModel, gate: Gate, known: Range) -> Iterator[Finding]:
    name, (low, high) = gate.metric.name if gate.metric is not None else "", known
    if gate.kind == "champion":
        if low is not None and high is not None and gate.min_delta > high - low:
            place = Mark(path=(*gate.path, "min_delta"), text=f"'{name}' cannot gain more than {high - low:g}")
            message = f"no model passes the comparison of '{name}' with the champion"
            yield Finding(message=message, mark=place, help="say how much better it must be, such as: min_delta: 0.005")
        return
    goal = goal_of(model.spec, name, model.task)
    if goal is None or is_against(gate, goal, gates(model.spec)):
        return
    if gate.min is not None and high is not None and gate.min > high:
        yield _finding(name, Mark(path=(*gate.path, "min")), f"is never above {high:g}", known, gate.min)
    if gate.max is not None and low is not None and gate.max < low:
        yield _finding(name, Mark(path=(*gate.path, "max")), f"is never below {low:g}", known, gate.max)


def _finding(name: str, place: Mark, why: str, known: Range, value: float) -> Finding:
    low, high = known
    said = f"ask for a value between {low:g} and {high:g}" if low is not None and high is not None else None
    if high is not None and LEAST_PERCENT * high <= value <= PERCENT * high:
        said = f"as a share, write: {place.path[-1]}: {value / PERCENT:g}"
    help_ = said or (f"ask for at most {high:g}" if high is not None else f"ask for at least {low:g}")
    return Finding(
        message=f"no model passes the gate on '{name}'",
        mark=Mark(path=place.path, text=f"'{name}' {why}"),
        help=help_,
    )


def _contradictions(found: list[Gate]) -> Iterator[Finding]:
    """Two gates on the same figure, one of which asks for more than the other allows."""
    least: dict[tuple[str, str], Gate] = {}
    most: dict[tuple[str, str], Gate] = {}
    for gate in (gate for gate in found if gate.kind == "metric" and gate.metric is not None):
        figure = (gate.metric.name if gate.metric else "", gate.slice.name if gate.slice else "")
        if gate.min is not None and (figure not in least or gate.min > (least[figure].min or 0)):
            least[figure] = gate
        if gate.max is not None and (figure not in most or gate.max < (most[figure].max or 0)):
            most[figure] = gate
    for figure, low in least.items():
        high = most.get(figure)
        if high is not None and high is not low and (low.min or 0) > (high.max or 0):
            first, second = sorted([(low, "min"), (high, "max")], key=lambda pair: found.index(pair[0]))
            yield Finding(
                message=f"no model passes both gates on '{figure[0]}': min {low.min:g} is above max {high.max:g}",
                mark=Mark(path=(*second[0].path, second[1])),
                related=(Mark(path=(*first[0].path, first[1]), text="the other gate"),),
                help="leave one of them out, or exchange the bounds",
            )


CHECK = Check(
    code="MLC414",
    title="gate that never passes",
    explanation="A bound beyond what a metric can be stops every model, after all the work of training. Often a "
    "percentage was meant: metrics are shares, from 0 to 1.",
    run=find,
)
