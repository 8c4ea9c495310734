"""A plain drawing of the plan: one row of boxes for each model, monitors and schedules around it."""

from __future__ import annotations

import html
from collections.abc import Sequence

from .picture import Edge, Node, Picture

WIDTH, HEIGHT, GAP = 150, 34, 26
FILLS = {"step": "#e8f0fe", "monitor": "#fef3d8", "schedule": "#eee"}
STYLE = "font: 12px system-ui, sans-serif"


def svg(picture: Picture) -> str:
    """The picture as inline SVG."""
    rows = _rows(picture.nodes)
    places = {node.id: (column, row) for row, nodes in enumerate(rows) for column, node in enumerate(nodes)}
    width = max((len(nodes) for nodes in rows), default=0) * (WIDTH + GAP) + GAP
    height = len(rows) * (HEIGHT + 2 * GAP) + GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" style="{STYLE}">']
    parts += [_line(edge, places) for edge in picture.edges]
    parts += [_box(node, *places[node.id]) for nodes in rows for node in nodes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _rows(nodes: Sequence[Node]) -> list[list[Node]]:
    """The schedules, then the steps of each model, then the monitors."""
    groups = dict.fromkeys(node.group for node in nodes if node.group)
    rows = [[node for node in nodes if node.kind == "schedule"]]
    rows += [[node for node in nodes if node.group == group] for group in groups]
    rows.append([node for node in nodes if node.kind == "monitor"])
    return [row for row in rows if row]


def _corner(column: int, row: int) -> tuple[int, int]:
    return GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + 2 * GAP)


def _box(node: Node, column: int, row: int) -> str:
    x, y = _corner(column, row)
    title = html.escape(node.id)
    label = html.escape(node.label)
    heading = f'<text x="{x}" y="{y - 6}">{html.escape(node.group)}</text>' if node.group and column == 0 else ""
    return (
        f'{heading}<g><title>{title}</title><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5" '
        f'fill="{FILLS[node.kind]}" stroke="#667"/><text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 4}" '
        f'text-anchor="middle">{label}</text></g>'
    )


def _line(edge: Edge, places: dict[str, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = _corner(*places[edge.source]), _corner(*places[edge.target])
    dash = ' stroke-dasharray="4 3"' if edge.kind == "starts" else ""
    return (
        f'<line x1="{x1 + WIDTH // 2}" y1="{y1 + HEIGHT // 2}" x2="{x2 + WIDTH // 2}" y2="{y2 + HEIGHT // 2}" '
        f'stroke="#667"{dash}/>'
    )
