"""The lineage of a thing: as two trees in the terminal, as JSON for scripts, as a Mermaid flowchart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..diagnostics import readable
from ..planning.graph import quoted
from ..planning.lineage import MEANING, RUNNING, Lineage, Thing
from ..records import record
from ..source import Sources
from .table import table

LONGEST = 72
"""Characters of what is said about a thing before it is cut."""


@record
class Answer:
    """What was asked for, the graph that holds it, and what is known of its things by id."""

    project: str
    subjects: tuple[Thing, ...]
    lineage: Lineage
    states: Mapping[str, str]
    sources: Sources
    compiled: bool  # whether the files on disk are what the spec says now


def as_text(answer: Answer) -> str:
    """For each thing: what it is and where, what it is made of, and what depends on it."""
    parts = [_section(answer, subject) for subject in answer.subjects]
    if not answer.compiled:
        parts.append(f"note: the files on disk are not what {answer.sources.root} says now; run `mlopsc compile`")
    return "\n\n".join(parts) + "\n"


def overview(answer: Answer) -> str:
    """The models, what each is made of and whether that is still so, and what may be asked."""
    lineage = answer.lineage
    models = [thing for thing in lineage.things.values() if thing.kind == "model"]
    rows = [[thing.name, _data_of(lineage, thing), answer.states.get(thing.id, "")] for thing in models]
    lines = [table(["model", "data", "state"], rows), "", "ask further:"]
    lines += [f"  mlopsc lineage {thing.name}" for thing in _examples(lineage)]
    if not answer.compiled:
        lines += ["", f"note: the files on disk are not what {answer.sources.root} says now; run `mlopsc compile`"]
    return "\n".join(lines) + "\n"


def _data_of(lineage: Lineage, model: Thing) -> str:
    above = lineage.reach(model.id, lineage.parents)
    return ", ".join(lineage.things[one].name for one in above if one.startswith("file:"))


def _examples(lineage: Lineage) -> Iterator[Thing]:
    """One thing of each kind that people ask about."""
    for kind in ("model", "column", "feature", "file", "output"):
        thing = next((one for one in lineage.things.values() if one.kind == kind), None)
        if thing is not None:
            yield thing


def _section(answer: Answer, subject: Thing) -> str:
    lineage = answer.lineage
    lines = [_line(answer, subject) + _place(answer, subject)]
    for title, along in (("made of", lineage.parents), ("needed by", lineage.children)):
        if along[subject.id]:
            lines += ["", title, *_branches(answer, subject.id, along, "", set())]
        elif title == "needed by":
            lines += ["", "nothing depends on it"]
    return "\n".join(lines)


def _branches(
    answer: Answer, start: str, along: Mapping[str, tuple[str, ...]], indent: str, shown: set[str]
) -> Iterator[str]:
    """One line per thing; what stands above already is not unfolded again."""
    others = along[start] if not indent else _next(answer.lineage, along[start], along)
    for number, other in enumerate(others):
        last = number == len(others) - 1
        again = other in shown and bool(along[other])
        shown.add(other)
        line = f"{indent}{'└─ ' if last else '├─ '}{_line(answer, answer.lineage.things[other], short=True)}"
        yield f"{line} (see above)" if again else line
        if not again and not _is_declared_for(answer.lineage, start, other):
            yield from _branches(answer, other, along, indent + ("   " if last else "│  "), shown)


def _next(lineage: Lineage, others: tuple[str, ...], along: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Of what the steps read and write, only what nothing else in the list leads to: they stand in a chain."""
    running = [one for one in others if lineage.things[one].kind in {"output", "step"}]
    later = {far for one in running for far in lineage.reach(one, along)} if len(running) > 1 else set()
    return tuple(one for one in others if one not in later)


def _is_declared_for(lineage: Lineage, start: str, other: str) -> bool:
    """Whether ``other`` is what the spec says now about something that was made before: no part of its past."""
    return lineage.things[start].layer == RUNNING and lineage.things[other].layer == MEANING


def _line(answer: Answer, thing: Thing, *, short: bool = False) -> str:
    what = "" if short and thing.kind == "step" else thing.what
    cut = short and len(what) > LONGEST and thing.kind != "recorded"
    what = what[: LONGEST - 1] + "…" if cut else what
    state = answer.states.get(thing.id, "")
    return readable(
        "  ".join(part for part in (f"{thing.kind} {thing.name}", what, f"[{state}]" if state else "") if part)
    )


def _place(answer: Answer, thing: Thing) -> str:
    if thing.path is None:
        return ""
    span = answer.sources.span(thing.path)
    return f"  {readable(span.file)}:{span.line}"


def as_json(answer: Answer) -> str:
    """The same for scripts; the schema is ``schemas/output/lineage.json``."""
    lineage = answer.lineage
    subjects = [_subject(answer, thing) for thing in answer.subjects]
    kept = _kept(answer)
    data = {
        "project": answer.project,
        "compiled": answer.compiled,
        "artifacts": subjects,
        "things": [_thing(answer, lineage.things[one]) for one in lineage.things if one in kept],
        "pairs": [{"from": one, "to": other} for one, other in lineage.pairs if {one, other} <= kept],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _subject(answer: Answer, thing: Thing) -> dict[str, Any]:
    lineage = answer.lineage
    return {
        "id": thing.id,
        "made_of": list(lineage.reach(thing.id, lineage.parents)),
        "needed_by": list(lineage.reach(thing.id, lineage.children)),
    }


def _thing(answer: Answer, thing: Thing) -> dict[str, Any]:
    span = answer.sources.span(thing.path) if thing.path is not None else None
    return {
        "id": thing.id,
        "kind": thing.kind,
        "name": thing.name,
        "what": thing.what,
        "state": answer.states.get(thing.id),
        "file": span.file if span else None,
        "line": span.line if span else None,
    }


def _kept(answer: Answer) -> set[str]:
    """What was asked for with all above and below; everything where nothing was asked for."""
    lineage = answer.lineage
    if not answer.subjects:
        return set(lineage.things)
    found: set[str] = set()
    for subject in answer.subjects:
        found |= {subject.id, *lineage.reach(subject.id, lineage.parents), *lineage.reach(subject.id, lineage.children)}
    return found


def as_mermaid(answer: Answer) -> str:
    """A flowchart from what it is made of to what depends on it; what was asked for has a thick border."""
    kept = _kept(answer)
    numbers = {one: f"n{number}" for number, one in enumerate(one for one in answer.lineage.things if one in kept)}
    lines = ["flowchart LR"]
    for one, number in numbers.items():
        thing = answer.lineage.things[one]
        lines.append(f'  {number}["{quoted(f"{thing.kind} {thing.name}")}"]')
    pairs = [pair for pair in answer.lineage.pairs if set(pair) <= kept]
    lines += [f"  {numbers[one]} --> {numbers[other]}" for one, other in pairs]
    lines += [f"  style {numbers[subject.id]} stroke-width:4px" for subject in answer.subjects]
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Answer], str]] = {"text": as_text, "json": as_json, "mermaid": as_mermaid}
"""The formats of ``mlopsc lineage``."""
