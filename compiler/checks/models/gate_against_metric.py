"""A bound on the side that does not matter."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Edit, Finding, Mark
from ...model.models import Business, Decision, Evaluate, Gate, Model
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import gates, models

SAID = {"min": "at least", "max": "at most"}
OTHER = {"min": "max", "max": "min", "minimize": "maximize", "maximize": "minimize"}
BETTER = {"maximize": "more", "minimize": "less"}


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every bound, and every search for a threshold, that goes against the goal of its metric."""
    for model in models(project):
        whole = all(is_whole(gate, surroundings) for gate in gates(model.spec))
        for gate in gates(model.spec) if whole else ():
            name = gate.metric.name if gate.metric is not None else ""
            goal = goal_of(model.spec, name, model.task)
            if goal is not None and is_against(gate, goal, gates(model.spec)):
                yield _bound(gate, name, goal)
        yield from _decision(model)


def is_whole(gate: Gate, surroundings: Surroundings) -> bool:
    """Whether both bounds are what is written; an invalid one has been reported, and reads as absent."""
    missing = (key for key in ("min", "max") if getattr(gate, key) is None)
    return not any(surroundings.written((*gate.path, key)) for key in missing)


def goal_of(model: Model, name: str, task: str | None) -> str | None:
    """The better direction of a metric of ``model``; None where the name or its task is another check's business."""
    own = model.evaluate.business.get(name) if isinstance(model.evaluate, Evaluate) else None
    if own is not None:
        return own.goal if isinstance(own, Business) else None
    metric = metrics().get(name)
    return metric.goal if metric is not None and task in metric.tasks else None


def is_against(gate: Gate, goal: str, others: list[Gate]) -> bool:
    """Whether a gate bounds its metric on the good side alone; a second gate on the bad side makes it a band."""
    good, bad = ("max", "min") if goal == "maximize" else ("min", "max")
    if gate.kind != "metric" or gate.metric is None or getattr(gate, good) is None:
        return False
    name = gate.metric.name
    same = (
        other
        for other in others
        if other.metric is not None and other.metric.name == name and _slice(other) == _slice(gate)
    )
    return all(getattr(other, bad) is None for other in same)


def _slice(gate: Gate) -> str | None:
    return gate.slice.name if gate.slice is not None else None


def _bound(gate: Gate, name: str, goal: str) -> Finding:
    key, value = ("min", gate.min) if goal == "minimize" else ("max", gate.max)
    place = Mark(path=(*gate.path, key), text=f"of '{name}', {BETTER[goal]} is better")
    return Finding(
        message=f"the gate on '{name}' asks for {SAID[key]} {value:g}, which turns good models away",
        mark=place,
        help=f"write: {OTHER[key]}: {value:g}",
        fix=(Edit(mark=Mark(path=place.path), value=OTHER[key]),),
    )


def _decision(model: ResolvedModel) -> Iterator[Finding]:
    decision = model.spec.decision
    chosen = (decision.maximize or decision.minimize) if isinstance(decision, Decision) else None
    goal = goal_of(model.spec, chosen.name, model.task) if chosen is not None else None
    if chosen is None or goal is None or chosen.path[-1] == goal:
        return
    scored = metrics().get(chosen.name)
    if scored is not None and scored.needs == "score":
        return  # which no threshold changes at all
    yield Finding(
        message=f"the threshold is chosen for the worst '{chosen.name}'",
        mark=Mark(path=chosen.path, text=f"of '{chosen.name}', {BETTER[goal]} is better"),
        help=f"write: {goal}: {chosen.name}",
        fix=(Edit(mark=Mark(path=chosen.path), value=goal),),
    )


CHECK = Check(
    code="MLC412",
    title="bound against the metric",
    explanation="Of some metrics more is better, of others less. A gate that bounds only the good side lets every bad "
    "model pass and stops the good ones. A bound on the good side is fine beside one on the bad side: a score that is "
    "too good to be true is a reason to look.",
    run=find,
)
