"""Changes of a text, character by character, and whether they change only what they mean to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from .diagnostics import Repair
from .loader import compose_text, plain
from .source import Span

_Event = tuple[object, ...]

BREAKS = "\r\n\x85\u2028\u2029"
"""What ends a line."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextEdit:
    """Characters of one file, and what replaces them."""

    span: Span
    text: str


def overlap(one: Span, other: Span) -> bool:
    """Whether two edits touch the same characters, or insert at the same place."""
    if one.file != other.file:
        return False
    first, second = sorted((one, other))
    end, start = (first.end_line, first.end_column), (second.line, second.column)
    return start < end or start == (first.line, first.column)


def applied(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with edits that do not overlap; the same edit twice is one."""
    starts = line_starts(text)
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        start, end = offsets(edit.span, starts, len(text))
        parts += [text[at:start], edit.text]
        at = end
    return "".join([*parts, text[at:]])


def replaced(text: str, edit: TextEdit) -> str:
    """The characters that an edit takes away."""
    start, end = offsets(edit.span, line_starts(text), len(text))
    return text[start:end]


@lru_cache(maxsize=8)  # every diagnostic of one file asks for them
def line_starts(text: str) -> list[int]:
    """The offset of each line; of an empty last one too."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts if not text or text[-1] in BREAKS else starts[:-1]


def offsets(span: Span, starts: list[int], length: int) -> tuple[int, int]:
    """Where a span begins and ends, by the offsets of the lines and the length of the text."""
    start, end = (
        min(starts[line - 1] + column - 1, length) if line <= len(starts) else length
        for line, column in ((span.line, span.column), (span.end_line, span.end_column))
    )
    return start, max(start, end)


def harmless(text: str, changes: Sequence[tuple[Repair, TextEdit]]) -> bool:
    """Whether edits change just the values, or take away or add just the stretches of the document, that they mean."""
    if any(repair.action == "text" for repair, _ in changes):
        return compose_text(applied(text, [edit for _, edit in changes])) is not None
    try:
        old = _events(text)
        kinds = sorted({repair.action for repair, _ in changes})
        parts = {kind: [edit for repair, edit in changes if repair.action == kind] for kind in kinds}
        return all(_as_meant(kind, text, old, edits) for kind, edits in parts.items())
    except yaml.YAMLError:
        return False


def _as_meant(kind: str, text: str, old: list[_Event], edits: list[TextEdit]) -> bool:
    """Whether edits of one kind let no more values differ, or stretches be missing or added, than there are of them."""
    new = _events(applied(text, edits))
    if kind == "replace":
        return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) <= len(edits)
    longer, shorter = (old, new) if kind == "remove" else (new, old)
    if len(edits) == 1:
        return _one_stretch(longer, shorter)
    return _stretches(longer, shorter) <= len(edits) or all(_as_meant(kind, text, old, [edit]) for edit in edits)


def _one_stretch(longer: list[_Event], shorter: list[_Event]) -> bool:
    """Whether one document is the other with one stretch more."""
    extra = len(longer) - len(shorter)
    first = next((at for at, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), len(shorter))
    return extra > 0 and longer[first + extra :] == shorter[first:]


def _stretches(longer: list[_Event], shorter: list[_Event]) -> int:
    """In how many stretches one document has more than the other, at most; more than there are where it has not."""
    at = count = 0
    inside = False
    for event in longer:
        if at < len(shorter) and event == shorter[at]:
            at, inside = at + 1, False
        else:
            count += not inside
            inside = True
    return count if at == len(shorter) else len(longer)


def _events(text: str) -> list[_Event]:
    """A document without its places and styles: what is there, in order."""
    found: list[_Event] = []
    for event in yaml.parse(text, yaml.CBaseLoader):
        value: object = None
        if isinstance(event, yaml.ScalarEvent):
            value = event.value if event.style else plain(event.value)
            value = (type(value).__name__, value)
        found.append((type(event).__name__, getattr(event, "anchor", None), getattr(event, "tag", None), value))
    return found
