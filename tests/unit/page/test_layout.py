"""Where boxes of a lane stand: on layers, apart from one another, with few crossings."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from mlopsc.planning.page.layout import ROW_GAP, Layout, Point, Size, crossings, layered

BOX = Size(width=100, above=20, below=20)
SPINE = ("ingest", "train", "gate", "package")


def boxes(*names: str, size: Size = BOX) -> dict[str, Size]:
    """Boxes of one size."""
    return dict.fromkeys(names, size)


def path(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The edges between neighbours."""
    return list(pairwise(names))


def apart(layout: Layout, sizes: dict[str, Size]) -> bool:
    """Whether no two boxes overlap."""
    for one, other in combinations(sizes, 2):
        (x, y), (u, v) = layout.at[one], layout.at[other]
        beside = abs(x - u) >= (sizes[one].width + sizes[other].width) / 2
        above, below = (one, other) if y <= v else (other, one)
        over = layout.at[below][1] - sizes[below].above - layout.at[above][1] - sizes[above].below >= ROW_GAP - 0.01
        if not (beside or over):
            return False
    return True


def test_layout_keeps_the_spine_on_one_line() -> None:
    """The steps read as one straight row from left to right, whatever hangs around them."""
    sizes = boxes(*SPINE, "data", "features", "a", "b", "c") | {"gate": Size(width=180, above=20, below=150)}
    edges = [*path(SPINE), ("data", "ingest"), ("data", "features"), ("features", "train"), ("data", "c")]
    edges += [("package", "a"), ("a", "b"), ("a", "c")]
    layout = layered(sizes, edges, SPINE)
    assert [layout.at[name][1] for name in SPINE] == [0, 0, 0, 0]
    xs = [layout.at[name][0] for name in ("data", *SPINE, "a", "b")]
    assert xs == sorted(xs)
    assert apart(layout, sizes)


def test_layout_puts_a_source_next_to_what_reads_it() -> None:
    """A dataset that only the last box reads does not stand at the far left."""
    sizes = boxes(*SPINE, "later")
    layout = layered(sizes, [*path(SPINE), ("later", "package")], SPINE)
    assert layout.at["later"][0] == layout.at["gate"][0]
    assert layout.at["later"][1] > 0


def test_layout_routes_a_long_edge_around_boxes() -> None:
    """An edge over several layers passes each of them outside of the boxes there."""
    sizes = boxes(*SPINE)
    layout = layered(sizes, [*path(SPINE), ("ingest", "package")], SPINE)
    passed = layout.routes["ingest", "package"]
    assert [y for _, _, y in passed] == [passed[0][2]] * 2
    assert abs(passed[0][2]) >= BOX.below


def test_layout_uncrosses_what_need_not_cross() -> None:
    """Two pairs in the wrong order are put right, and the count of crossings says so."""
    graph: nx.DiGraph[Point] = nx.DiGraph([("a", "d"), ("b", "c")])
    assert crossings(graph, [["a", "b"], ["c", "d"]]) == 1
    layout = layered(boxes("a", "b", "c", "d"), [("a", "d"), ("b", "c")], ())
    assert (layout.at["a"][1] < layout.at["b"][1]) == (layout.at["d"][1] < layout.at["c"][1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30), st.integers(0, 6))
def test_layout_of_any_graph_has_no_overlap(pairs: list[tuple[int, int]], spine: int) -> None:
    """Boxes never overlap, edges lead to the right, and the same graph gives the same places."""
    edges = sorted({(f"n{min(a, b):02}", f"n{max(a, b):02}") for a, b in pairs if a != b})
    names = tuple(f"n{number:02}" for number in range(12))
    row = names[:spine]
    sizes = {name: Size(width=40 + 7 * k, above=20, below=20 + 9 * (k % 4)) for k, name in enumerate(names)}
    edges = sorted({*edges, *path(row)})
    layout = layered(sizes, edges, row)
    assert apart(layout, sizes)
    assert all(layout.at[a][0] + sizes[a].width / 2 < layout.at[b][0] - sizes[b].width / 2 for a, b in edges)
    assert layered(sizes, edges, row) == layout
