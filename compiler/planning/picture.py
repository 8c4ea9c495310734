"""What there is to draw of a plan: nodes and edges in a stable order."""

from __future__ import annotations

from ..records import record
from .plan import Plan, Trigger


@record
class Node:
    """One thing in the picture: a step, a monitor, or what starts something."""

    id: str
    label: str
    kind: str  # step | monitor | schedule
    group: str | None = None  # the model


@record
class Edge:
    """An arrow: ``needs`` between steps, ``watches`` to a monitor, ``starts`` from what triggers."""

    source: str
    target: str
    kind: str


@record
class Picture:
    """Nodes and edges in a stable order."""

    project: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture(plan: Plan) -> Picture:
    """What there is to draw: the graph of the steps, and the triggers around it."""
    steps = [Node(id=step.id, label=step.name, kind="step", group=step.model) for step in plan.steps]
    needs = [Edge(source=before, target=step.id, kind="needs") for step in plan.steps for before in step.needs]
    monitors = [job for job in plan.jobs if job.monitor]
    nodes = [Node(id=job.id, label=f"monitor {job.monitor}", kind="monitor") for job in monitors]
    watches = [
        Edge(source=plan.steps_of(job.model)[-1].id, target=job.id, kind="watches") for job in monitors if job.model
    ]
    schedules = [trigger for trigger in plan.triggers if trigger.cron]
    clocks = [
        Node(id=_clock(trigger), label=f"{trigger.cron} {trigger.timezone}", kind="schedule") for trigger in schedules
    ]
    starts = [Edge(source=_source(trigger), target=_target(plan, trigger), kind="starts") for trigger in plan.triggers]
    unique = {node.id: node for node in (*steps, *nodes, *clocks)}
    return Picture(project=plan.project, nodes=tuple(unique.values()), edges=(*needs, *watches, *starts))


def _clock(trigger: Trigger) -> str:
    return f"schedule/{trigger.cron} {trigger.timezone}"


def _source(trigger: Trigger) -> str:
    return f"monitor/{trigger.monitor}" if trigger.monitor else _clock(trigger)


def _target(plan: Plan, trigger: Trigger) -> str:
    if trigger.kind == "monitor":
        return f"monitor/{trigger.target}"
    steps = plan.steps_of(trigger.target)
    return steps[-1 if trigger.kind == "batch" else 0].id
