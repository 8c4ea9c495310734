"""The lanes as inline SVG: classes and places only, so that the colours are those of the page's style."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping

from ...records import record
from .items import Box, Item, Lane, Link
from .layout import Layout, Size, layered
from .lettering import cut, width

HEAD, PADDING = 56, 26  # of a lane, in pixels
HALF = 20  # of a box's height
CLOCK, CHIP, CHIP_GAP = 20, 22, 5
TITLE, NOTE, SMALL = 13, 11, 11.5  # font sizes, the same as in page.css
WIDEST, ICON, BOLD = 226, 24, 1.1
CARD = 290  # the width of a lane that is folded, the same as in page.js
CHANNEL = 30  # below a lane, for the arrow that leads back
WAITS = "retrain on breach"

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Frame = tuple[float, float, float, float]
"""Left, top, width and height, in pixels from the corner of a lane."""


@record
class DrawnLane:
    """A lane as SVG, its size, and where each of its items is."""

    lane: Lane
    svg: str
    width: float
    height: float
    frames: Mapping[str, Frame]


def clean(text: str) -> str:
    """``text`` as it may stand in HTML; what HTML cannot hold is shown as U+FFFD."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text))


def drawn(lane: Lane, numbers: Mapping[str, int]) -> DrawnLane:
    """The drawing of one lane; ``numbers`` are the places of items in the page's data."""
    sizes = {box.item.id: _size(box) for box in lane.boxes}
    forward = [(link.source, link.target) for link in lane.links if link.kind != "retrain"]
    layout = layered(sizes, forward, lane.spine)
    back = [link for link in lane.links if link.kind == "retrain"]
    across, down = PADDING + 8, HEAD + PADDING - layout.top
    frames = dict(_frames(lane.boxes, layout, sizes, across, down))
    body = [_edge(link, layout, sizes, numbers) for link in lane.links if link.kind != "retrain"]
    body += list(_returns(back, layout, sizes, numbers))
    body += [part for box in lane.boxes for part in _box(box, frames, numbers, (across, down))]
    full = max(layout.right + 2 * across + (14 if back else 0), CARD)
    height = down + layout.bottom + PADDING + (CHANNEL if back else 0)
    frames[lane.item.id] = (0, 0, full, HEAD)
    head = _head(lane, numbers[lane.item.id], full, height)
    svg = f'{head}<g class="body" transform="translate({_n(across)} {_n(down)})">\n' + "\n".join(body) + "\n</g>"
    return DrawnLane(lane=lane, svg=svg, width=full, height=height, frames=frames)


def _size(box: Box) -> Size:
    texts = [width(box.item.title, TITLE) * BOLD + ICON, width(box.item.note, NOTE) + ICON]
    texts += [width(item.title, SMALL) + 26 for item in (box.schedule, *box.chips) if item]
    room = min(max(texts) + 18, WIDEST)
    below = HALF + (8 + len(box.chips) * (CHIP + CHIP_GAP) if box.chips else 0)
    return Size(width=round(room), above=HALF + (CLOCK + 10 if box.schedule else 0), below=below)


def _frames(
    boxes: Iterable[Box], layout: Layout, sizes: Mapping[str, Size], across: float, down: float
) -> Iterator[tuple[str, Frame]]:
    for box in boxes:
        x, y = layout.at[box.item.id]
        room = sizes[box.item.id].width
        left = across + x - room / 2
        yield box.item.id, (left, down + y - HALF, room, 2 * HALF)
        if box.schedule:
            yield box.schedule.id, (left, down + y - HALF - 10 - CLOCK, room, CLOCK)
        for number, chip in enumerate(box.chips):
            yield chip.id, (left + 10, down + y + HALF + 8 + number * (CHIP + CHIP_GAP), room - 10, CHIP)


def _head(lane: Lane, number: int, full: float, height: float) -> str:
    title = clean(cut(lane.item.title, 16, CARD - 72))
    note = clean(cut(lane.item.note, NOTE, full - 320))
    counts = clean(_counts(lane))
    return (
        f'<rect class="card" width="{_n(full)}" height="{_n(height)}" rx="14"/>\n'
        f'<g class="fold" role="button" tabindex="0" aria-expanded="true" '
        f'aria-label="fold or unfold {clean(lane.item.title)}"><title>fold or unfold</title>'
        '<rect class="hit" x="10" y="12" width="30" height="30" rx="8"/>'
        '<path class="chevron" d="M-4-3 0 2 4-3" transform="translate(25 27)"/></g>\n'
        f'<g class="node model" data-n="{number}" role="button" tabindex="0" '
        f'aria-label="model {clean(lane.item.title)}: {clean(lane.item.note)}">'
        f"<title>{clean(lane.item.title)}</title>"
        f'<rect class="hit" x="42" y="6" width="{CARD - 54}" height="44" rx="8"/>'
        f'<text class="name" x="50" y="26">{title}</text><text class="note long" x="50" y="43">{note}</text>'
        f'<text class="note short" x="50" y="43">{counts}</text></g>\n'
        f'<text class="counts" x="{_n(full - 22)}" y="33">{counts}</text>\n'
    )


def _counts(lane: Lane) -> str:
    chips = sum(len(box.chips) for box in lane.boxes if box.item.kind == "step")
    monitors = sum(box.item.kind == "monitor" for box in lane.boxes)
    counted = ((len(lane.spine), "step"), (chips, "gate"), (monitors, "monitor"))
    return " · ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted if count)


def _box(
    box: Box, frames: Mapping[str, Frame], numbers: Mapping[str, int], origin: tuple[float, float]
) -> Iterator[str]:
    x, y, room, _ = frames[box.item.id]
    left, top = x - origin[0], y - origin[1]
    if box.schedule:
        middle = left + room / 2
        yield f'<path class="edge clocked" marker-end="url(#to-clock)" d="M{_n(middle)} {_n(top - 10)}v7"/>'
        yield _pill(box.schedule, frames, numbers, origin)
    if box.chips:
        last = top + 2 * HALF + 8 + (len(box.chips) - 1) * (CHIP + CHIP_GAP) + CHIP / 2
        yield f'<path class="hang" d="M{_n(left + 4)} {_n(top + 2 * HALF - 6)}V{_n(last)}"/>'
    yield _node(box.item, numbers[box.item.id], (left, top, room, 2 * HALF), TITLE)
    for chip in box.chips:
        yield _pill(chip, frames, numbers, origin)


def _pill(item: Item, frames: Mapping[str, Frame], numbers: Mapping[str, int], origin: tuple[float, float]) -> str:
    x, y, room, height = frames[item.id]
    return _node(item, numbers[item.id], (x - origin[0], y - origin[1], room, height), SMALL)


def _node(item: Item, number: int, frame: Frame, size: float) -> str:
    x, y, room, height = frame
    small = height < 2 * HALF
    radius = height / 2 if item.kind == "schedule" else 6 if small else 10
    icon = 12 if small else 16
    text = 24 if small else 33
    title = clean(cut(item.title, size * (1 if small else BOLD), room - text - 6))
    baseline = height / 2 + size * 0.36 - (7 if item.note else 0)
    note = ""
    if item.note:
        note = (
            f'<text class="note" x="{text}" y="{_n(height / 2 + 12)}">{clean(cut(item.note, NOTE, room - 39))}</text>'
        )
    return (
        f'<g class="node {item.kind}" data-n="{number}" role="button" tabindex="0" '
        f'aria-label="{_spoken(item)}" transform="translate({_n(x)} {_n(y)})"><title>{clean(item.title)}</title>'
        f'<rect width="{_n(room)}" height="{_n(height)}" rx="{_n(radius)}"/>'
        f'<use href="#i-{item.kind}" x="{8 if small else 10}" y="{_n((height - icon) / 2)}" '
        f'width="{icon}" height="{icon}"/>'
        f'<text class="title" x="{text}" y="{_n(baseline)}">{title}</text>{note}</g>'
    )


def _spoken(item: Item) -> str:
    return clean(f"{item.kind} {item.title}: {item.note}" if item.note else f"{item.kind} {item.title}")


def _edge(link: Link, layout: Layout, sizes: Mapping[str, Size], numbers: Mapping[str, int]) -> str:
    (x, y), (to_x, to_y) = layout.at[link.source], layout.at[link.target]
    x, to_x = x + sizes[link.source].width / 2, to_x - sizes[link.target].width / 2
    path = f"M{_n(x)} {_n(y)}"
    for first, last, height in layout.routes.get((link.source, link.target), ()):
        path += f"{_curve(x, y, first, height)}H{_n(last)}"
        x, y = last, height
    path += _curve(x, y, to_x - 2, to_y)
    return (
        f'<path class="edge {link.kind}" data-a="{numbers[link.source]}" data-b="{numbers[link.target]}" '
        f'marker-end="url(#to-{link.kind})" d="{path}"/>'
    )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(y - to_y) < 0.5:  # noqa: PLR2004  (half a pixel is a straight line)
        return f"H{_n(to_x)}"
    middle = (x + to_x) / 2
    return f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(to_y)} {_n(to_x)} {_n(to_y)}"


def _returns(links: list[Link], layout: Layout, sizes: Mapping[str, Size], numbers: Mapping[str, int]) -> Iterator[str]:
    """The arrow that leads back, around the lane: one for each monitor, drawn over each other below it."""
    for link in links:
        (x, y), (to_x, to_y) = layout.at[link.source], layout.at[link.target]
        right, low = layout.right + 16, layout.bottom + 24
        left = to_x - sizes[link.target].width / 2
        path = (
            f"M{_n(x + sizes[link.source].width / 2)} {_n(y)}H{_n(right - 8)}q8 0 8 8V{_n(low - 10)}q0 10-10 10"
            f"H{_n(left - 8)}q-10 0-10-10V{_n(to_y + 18)}q0-8 8-8H{_n(left - 2)}"
        )
        yield (
            f'<path class="edge retrain" data-a="{numbers[link.source]}" data-b="{numbers[link.target]}" '
            f'marker-end="url(#to-retrain)" d="{path}"/>'
        )
    if links:
        place = f'x="{_n((layout.left + layout.right) / 2)}" y="{_n(layout.bottom + 28)}"'
        yield f'<text class="told" {place}>{WAITS}</text>'


def _n(number: float) -> str:
    """A number as SVG wants it, to a tenth of a pixel."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
