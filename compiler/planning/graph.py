"""Pictures of the plan as text: Mermaid, DOT and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict

from .picture import picture
from .plan import Plan


def mermaid(plan: Plan) -> str:
    """A Mermaid flowchart; solid arrows are steps that wait, dotted ones start something."""
    drawn = picture(plan)
    ids = {node.id: f"n{number}" for number, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    for number, model in enumerate(plan.models):
        members = [node for node in drawn.nodes if node.group == model]
        lines += [f'  subgraph m{number}["{quoted(model)}"]']
        lines += [f'    {ids[node.id]}["{quoted(node.label)}"]' for node in members]
        lines += ["  end"]
    shapes = {"monitor": ("{{", "}}"), "schedule": ("([", "])")}
    for node in drawn.nodes:
        if node.group is None:
            left, right = shapes[node.kind]
            lines.append(f'  {ids[node.id]}{left}"{quoted(node.label)}"{right}')
    arrows = {"needs": "-->", "watches": "---", "starts": "-.->"}
    lines += [f"  {ids[edge.source]} {arrows[edge.kind]} {ids[edge.target]}" for edge in drawn.edges]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Text within a Mermaid string: entities in place of what would end it, be markup, or be an entity itself."""
    return "".join(_ENTITIES.get(character, character) for character in " ".join(text.split()))


_ENTITIES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}


def _dot(text: str) -> str:
    """A quoted string of DOT, where a backslash would start an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dot(plan: Plan) -> str:
    """A Graphviz digraph."""
    drawn = picture(plan)
    lines = [f"digraph {_dot(drawn.project)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for number, model in enumerate(plan.models):
        members = [node for node in drawn.nodes if node.group == model]
        lines += [f"  subgraph cluster_{number} {{", f"    label={_dot(model)};"]
        lines += [f"    {_dot(node.id)} [label={_dot(node.label)}];" for node in members]
        lines += ["  }"]
    shapes = {"monitor": "hexagon", "schedule": "ellipse"}
    lines += [
        f"  {_dot(node.id)} [label={_dot(node.label)}, shape={shapes[node.kind]}];"
        for node in drawn.nodes
        if node.group is None
    ]
    styles = {"needs": "", "watches": " [arrowhead=none]", "starts": " [style=dashed]"}
    lines += [f"  {_dot(e.source)} -> {_dot(e.target)}{styles[e.kind]};" for e in drawn.edges]
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


FORMATS: Mapping[str, Callable[[Plan], str]] = {"mermaid": mermaid, "dot": dot, "json": as_json}
"""The formats of ``mlopsc graph`` that need nothing but the plan."""
