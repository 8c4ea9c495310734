"""One HTML page that holds everything: the drawing, the data behind it, the style and the script.

Nothing in it is fetched, and nothing else may run in it: the policy names the digests of the one style and the one
script. The user's words are escaped where they are drawn, and else are data that the script sets as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from string import Template

from ...model.resolved import Project
from ...resources import template_folder
from ...source import Sources
from ..plan import Plan
from .drawing import DrawnLane, clean, drawn
from .files import Written
from .items import Item, Lane
from .lanes import Scene, lanes

GAP = 22  # between lanes, the same as in page.js


def page(plan: Plan, project: Project, sources: Sources, files: Iterable[str] = ()) -> str:
    """The page of a project; ``files`` are the paths that a compile writes."""
    found = lanes(Scene(project=project, plan=plan, sources=sources, written=Written(files)))
    items = [item for lane in found for item in _items(lane)]
    numbers = {item.id: number for number, item in enumerate(items)}
    pictures = [drawn(lane, numbers) for lane in found]
    style, script = _text("page.css"), _text("page.js")
    return Template(_text("page.html")).substitute(
        policy=_policy(style, script),
        project=clean(plan.project),
        description=clean(project.spec.project.description or "What runs, what starts it, and what says so."),
        style=style,
        script=script,
        data=_data(plan, pictures, items, numbers, sources),
        lanes="\n".join(_stacked(pictures)),
        counts=clean(_counts(plan)),
    )


def _text(name: str) -> str:
    return (template_folder() / "graph" / name).read_text(encoding="utf-8")


def _items(lane: Lane) -> list[Item]:
    inside = [item for box in lane.boxes for item in (box.schedule, box.item, *box.chips) if item]
    return [lane.item, *inside]


def _policy(style: str, script: str) -> str:
    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src 'sha256-{digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _counts(plan: Plan) -> str:
    counted = ((len(plan.models), "model"), (len(plan.steps), "step"), (len(plan.monitors), "monitor"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted)


def _stacked(pictures: Sequence[DrawnLane]) -> Iterable[str]:
    y = 0.0
    for number, picture in enumerate(pictures):
        yield f'<g class="lane" data-lane="{number}" transform="translate(0 {y:g})">\n{picture.svg}\n</g>'
        y += round(picture.height + GAP, 1)


def _data(
    plan: Plan, pictures: Sequence[DrawnLane], items: Sequence[Item], numbers: dict[str, int], sources: Sources
) -> str:
    shared = _Shared()
    links = [(numbers[link.source], numbers[link.target], link.kind) for one in pictures for link in one.lane.links]
    frames = {identity: frame for picture in pictures for identity, frame in picture.frames.items()}
    lane_of = {item.id: number for number, picture in enumerate(pictures) for item in _items(picture.lane)}
    read = sorted({excerpt.file for item in items for excerpt in item.spec})
    data = {
        "project": plan.project,
        "sources": {name: sources.files[name].lines for name in read},
        "lanes": [{"w": round(one.width, 1), "h": round(one.height, 1)} for one in pictures],
        "items": [
            _item(item, lane_of[item.id], [round(number, 1) for number in frames[item.id]], shared) for item in items
        ],
        "links": links,
        "lists": shared.lists,
    }
    # The text of a script element ends at "</script"; a comment in it would start at "<!--".
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


class _Shared:
    """Lists that many items have in common, each kept once."""

    def __init__(self) -> None:
        self.lists: list[tuple[str, ...]] = []
        self._known: dict[tuple[str, ...], int] = {}

    def __call__(self, texts: tuple[str, ...]) -> int:
        if texts not in self._known:
            self._known[texts] = len(self.lists)
            self.lists.append(texts)
        return self._known[texts]


def _item(item: Item, lane: int, frame: list[float], shared: _Shared) -> dict[str, object]:
    said: dict[str, object] = {
        "id": item.id,
        "kind": item.kind,
        "title": item.title,
        "note": item.note,
        "says": item.says,
        "lane": lane,
        "at": frame,
        "spec": [[part.file, part.first, part.last, part.where] for part in item.spec],
        "command": item.command,
    }
    lists = {"files": item.files, "reads": item.reads, "writes": item.writes, "starts": item.starts}
    said |= {name: shared(texts) for name, texts in lists.items() if texts}
    return {name: value for name, value in said.items() if value not in ("", None, [])}
