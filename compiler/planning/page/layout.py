"""Where the boxes of a lane stand: layers from left to right, with few crossings.

The method is that of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures"
(IEEE Trans. SMC, 1981): longest-path layers, dummy points on long edges, barycentres to order each layer. Heights
within a layer are the least-squares solution that keeps the order (pool adjacent violators; Barlow et al., 1972),
with the spine held on one straight line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import networkx as nx

from ...records import record

LAYER_GAP = 30
ROW_GAP = 16
SWEEPS = 8

Point = str | tuple[str, str, int]
"""A box by its id, or the place where a long edge passes a layer: source, target, layer."""


@record
class Size:
    """How far a box reaches, in pixels: its width, and above and below the line that its edges meet it on."""

    width: float
    above: float
    below: float


@record
class Layout:
    """Centres of boxes, the points that each edge passes (left to right), and the extent of all of it."""

    at: Mapping[str, tuple[float, float]]
    routes: Mapping[tuple[str, str], tuple[tuple[float, float, float], ...]]  # x from, x to, y of each layer passed
    left: float
    right: float
    top: float
    bottom: float


PASSING = Size(width=0, above=4, below=4)


def layered(sizes: Mapping[str, Size], edges: Sequence[tuple[str, str]], spine: Sequence[str]) -> Layout:
    """The places of the boxes in ``sizes``; ``edges`` are acyclic, ``spine`` is a path among them."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sizes)
    graph.add_edges_from(edges)
    layer = _layers(graph, frozenset(spine))
    proper = _proper(graph, layer)
    rows = _ordered(proper, spine)
    heights = _heights(proper, rows, sizes, frozenset(spine))
    return _placed(graph, rows, heights, sizes)


def _layers(graph: nx.DiGraph[str], spine: frozenset[str]) -> dict[str, int]:
    """The longest path to each box; what waits for nothing on the spine then moves next to what needs it."""
    order = list(nx.lexicographical_topological_sort(graph))
    layer: dict[str, int] = {}
    for node in order:
        layer[node] = max((layer[before] + 1 for before in graph.predecessors(node)), default=0)
    for node in reversed(order):
        after = [layer[later] for later in graph.successors(node)]
        if after and node not in spine:
            layer[node] = max(layer[node], min(after) - 1)
    return layer


def _proper(graph: nx.DiGraph[str], layer: Mapping[str, int]) -> nx.DiGraph[Point]:
    """The same graph with a point in every layer that an edge passes, so that edges join neighbouring layers."""
    proper: nx.DiGraph[Point] = nx.DiGraph()
    for node in graph:
        proper.add_node(node, layer=layer[node])
    for source, target in graph.edges:
        chain: list[Point] = [source]
        for between in range(layer[source] + 1, layer[target]):
            proper.add_node((source, target, between), layer=between)
            chain.append((source, target, between))
        nx.add_path(proper, [*chain, target])
    return proper


def _ordered(proper: nx.DiGraph[Point], spine: Sequence[str]) -> list[list[Point]]:
    """The boxes of each layer from top to bottom, by the best of several sweeps of barycentres."""
    count = max((proper.nodes[node]["layer"] for node in proper), default=-1) + 1
    rows: list[list[Point]] = [[] for _ in range(count)]
    first = {node: number for number, node in enumerate(spine)}
    for node in sorted(proper, key=lambda node: (node not in first, str(node))):
        rows[proper.nodes[node]["layer"]].append(node)
    best, fewest = [list(row) for row in rows], crossings(proper, rows)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row, fixed in _pairs(rows, down=down):
            _sort_by_barycentre(proper, row, fixed, down=down)
        found = crossings(proper, rows)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _pairs(rows: list[list[Point]], *, down: bool) -> list[tuple[list[Point], list[Point]]]:
    ordered = rows if down else rows[::-1]
    return list(zip(ordered[1:], ordered, strict=False))


def _sort_by_barycentre(proper: nx.DiGraph[Point], row: list[Point], fixed: list[Point], *, down: bool) -> None:
    place = {node: number for number, node in enumerate(fixed)}
    own = {node: number for number, node in enumerate(row)}

    def barycentre(node: Point) -> float:
        near = proper.predecessors(node) if down else proper.successors(node)
        places = [place[other] for other in near]
        return sum(places) / len(places) if places else float(own[node])

    row.sort(key=barycentre)  # stable, so that ties keep their order


def crossings(proper: nx.DiGraph[Point], rows: Sequence[Sequence[Point]]) -> int:
    """How many pairs of edges cross between neighbouring layers."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {node: number for number, node in enumerate(lower)}
        ends = [[place[after] for after in proper.successors(node)] for node in upper]
        flat = [(number, end) for number, row in enumerate(ends) for end in row]
        total += sum(a < c and b > d for a, b in flat for c, d in flat)
    return total


def _heights(
    proper: nx.DiGraph[Point], rows: Sequence[Sequence[Point]], sizes: Mapping[str, Size], spine: frozenset[str]
) -> dict[Point, float]:
    heights: dict[Point, float] = {}
    for row in rows:
        heights |= _row_heights(row, dict.fromkeys(row, 0.0), sizes, spine)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = {node: _mean(list(nx.all_neighbors(proper, node)), heights, spine) for node in row}
            heights |= _row_heights(row, wanted, sizes, spine)
    return heights


def _mean(near: list[Point], heights: Mapping[Point, float], spine: frozenset[str]) -> float:
    """The height that a box wants: on the spine where it is next to that, else amid its neighbours."""
    if not near or any(point in spine for point in near):
        return 0.0
    return sum(heights[point] for point in near) / len(near)


def _row_heights(
    row: Sequence[Point], wanted: Mapping[Point, float], sizes: Mapping[str, Size], spine: frozenset[str]
) -> dict[Point, float]:
    """Heights of one layer near the ``wanted`` ones: in order, without overlap, the spine at 0."""
    offsets = [0.0]
    for one, other in pairwise(row):
        offsets.append(offsets[-1] + _size(one, sizes).below + ROW_GAP + _size(other, sizes).above)
    free = _isotonic([wanted[node] - offset for node, offset in zip(row, offsets, strict=True)])
    held = next((number for number, node in enumerate(row) if node in spine), None)
    if held is not None:
        line = -offsets[held]
        free = [min(y, line) for y in free[:held]] + [line] + [max(y, line) for y in free[held + 1 :]]
    return {node: y + offset for node, y, offset in zip(row, free, offsets, strict=True)}


def _isotonic(values: Sequence[float]) -> list[float]:
    """The non-decreasing sequence that is nearest to ``values`` by least squares."""
    blocks: list[tuple[float, int]] = []  # mean, how many
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            before, weight = blocks.pop()
            mean, count = (before * weight + mean * count) / (weight + count), weight + count
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]


def _size(node: Point, sizes: Mapping[str, Size]) -> Size:
    return sizes[node] if isinstance(node, str) else PASSING


def _placed(
    graph: nx.DiGraph[str], rows: Sequence[Sequence[Point]], heights: Mapping[Point, float], sizes: Mapping[str, Size]
) -> Layout:
    at: dict[str, tuple[float, float]] = {}
    passed: dict[tuple[str, str], list[tuple[float, float, float]]] = {edge: [] for edge in graph.edges}
    x = 0.0
    for row in rows:
        width = max(_size(node, sizes).width for node in row)
        for node in row:
            if isinstance(node, str):
                at[node] = (x + width / 2, heights[node])
            else:
                passed[node[0], node[1]].append((x, x + width, heights[node]))
        x += width + LAYER_GAP
    tops = [heights[node] - _size(node, sizes).above for row in rows for node in row]
    bottoms = [heights[node] + _size(node, sizes).below for row in rows for node in row]
    routes = {edge: tuple(points) for edge, points in passed.items()}
    right = max(x - LAYER_GAP, 0.0)
    return Layout(at=at, routes=routes, left=0.0, right=right, top=min(tops, default=0), bottom=max(bottoms, default=0))
