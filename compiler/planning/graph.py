"""Pictures of the plan: Mermaid, DOT, JSON and one HTML page."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from .plan import Plan, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing in the picture: a step, a monitor, or what starts something."""

    id: str
    label: str
    kind: str  # step | monitor | schedule
    group: str | None = None  # the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An arrow: ``needs`` between steps, ``watches`` to a monitor, ``starts`` from what triggers."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
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


def mermaid(plan: Plan) -> str:
    """A Mermaid flowchart; solid arrows are steps that wait, dotted ones start something."""
    drawn = picture(plan)
    ids = {node.id: f"n{number}" for number, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    for model in plan.models:
        members = [node for node in drawn.nodes if node.group == model]
        lines += [f'  subgraph {model}["{_quoted(model)}"]']
        lines += [f'    {ids[node.id]}["{_quoted(node.label)}"]' for node in members]
        lines += ["  end"]
    shapes = {"monitor": ("{{", "}}"), "schedule": ("([", "])")}
    for node in drawn.nodes:
        if node.group is None:
            left, right = shapes[node.kind]
            lines.append(f'  {ids[node.id]}{left}"{_quoted(node.label)}"{right}')
    arrows = {"needs": "-->", "watches": "---", "starts": "-.->"}
    lines += [f"  {ids[edge.source]} {arrows[edge.kind]} {ids[edge.target]}" for edge in drawn.edges]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")


def dot(plan: Plan) -> str:
    """A Graphviz digraph."""
    drawn = picture(plan)
    lines = [f"digraph {json.dumps(drawn.project)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for number, model in enumerate(plan.models):
        members = [node for node in drawn.nodes if node.group == model]
        lines += [f"  subgraph cluster_{number} {{", f"    label={json.dumps(model)};"]
        lines += [f"    {json.dumps(node.id)} [label={json.dumps(node.label)}];" for node in members]
        lines += ["  }"]
    shapes = {"monitor": "hexagon", "schedule": "ellipse"}
    lines += [
        f"  {json.dumps(node.id)} [label={json.dumps(node.label)}, shape={shapes[node.kind]}];"
        for node in drawn.nodes
        if node.group is None
    ]
    styles = {"needs": "", "watches": " [arrowhead=none]", "starts": " [style=dashed]"}
    lines += [f"  {json.dumps(e.source)} -> {json.dumps(e.target)}{styles[e.kind]};" for e in drawn.edges]
    return "\n".join([*lines, "}"]) + "\n"


def as_json(plan: Plan) -> str:
    """Nodes and edges, the steps with all that they read and write."""
    drawn = picture(plan)
    data = {
        "project": drawn.project,
        "nodes": [asdict(node) for node in drawn.nodes],
        "edges": [asdict(edge) for edge in drawn.edges],
        "steps": [asdict(step) for step in plan.steps],
        "jobs": [asdict(job) for job in plan.jobs],
        "triggers": [asdict(trigger) for trigger in plan.triggers],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def page(plan: Plan) -> str:
    """One HTML page that draws itself without any script or network."""
    from .svg import svg  # noqa: PLC0415  (only this format needs the layout)

    title = html.escape(plan.project)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<body>\n<h1>{title}</h1>\n{svg(picture(plan))}</body>\n</html>\n"
    )


FORMATS: Mapping[str, Callable[[Plan], str]] = {"mermaid": mermaid, "dot": dot, "json": as_json, "html": page}
"""The formats of ``mlopsc graph``."""
