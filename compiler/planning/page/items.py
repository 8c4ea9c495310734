"""What the page shows: a lane for each model, the boxes in it, and what there is to say about each."""

from __future__ import annotations

from ...records import record


@record
class Excerpt:
    """Lines of the spec, from ``first`` to ``last``; ``where`` names the place in the document."""

    file: str
    first: int
    last: int
    where: str


@record
class Item:
    """One thing that can be opened: what it is, where the spec says so, and what becomes of it."""

    id: str
    kind: str  # model | data | features | step | gate | api | batch | edge | environment | monitor | schedule
    title: str
    says: str
    note: str = ""  # the second line in its box
    spec: tuple[Excerpt, ...] = ()
    files: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    command: str | None = None
    starts: tuple[str, ...] = ()


@record
class Box:
    """An item with a place of its own; its schedule stands on top of it, its chips hang below."""

    item: Item
    schedule: Item | None = None
    chips: tuple[Item, ...] = ()


@record
class Link:
    """An arrow between two boxes of one lane; ``retrain`` leads back, so that the others stay acyclic."""

    source: str
    target: str
    kind: str = "flow"  # flow | watches | retrain


@record
class Lane:
    """One model with all that belongs to it; ``spine`` are its steps in order, drawn on one line."""

    item: Item
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    spine: tuple[str, ...]
