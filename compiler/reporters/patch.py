"""What a certain fix changes, as lines with ``-`` and ``+`` in front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..edits import TextEdit, applied
from ..records import record
from .cells import Cells

MOST = 4
"""How many places of one fix are shown; the others are counted."""


@record
class PatchLine:
    """One line of a file: its number there, ``-`` or ``+``, and the part of it that is shown."""

    number: int
    sign: str
    text: str


@record
class Patch:
    """Neighbouring lines of one file that change."""

    file: str
    lines: tuple[PatchLine, ...]


def patches(edits: Sequence[TextEdit], files: Mapping[str, list[str]], room: int) -> list[Patch]:
    """The changed lines of a fix, at most ``room`` columns of each; ``files`` are the lines of each file."""
    return [_patch(group, files[group[0].span.file], room) for group in _grouped(edits)]


def _grouped(edits: Sequence[TextEdit]) -> Iterator[list[TextEdit]]:
    """Edits of the same lines together."""
    group: list[TextEdit] = []
    for edit in sorted(edits):
        last = group[-1].span if group else None
        if last and (last.file != edit.span.file or last.end_line < edit.span.line):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _patch(group: list[TextEdit], lines: list[str], room: int) -> Patch:
    first, last = group[0].span.line, group[-1].span.end_line
    before = lines[first - 1 : last]
    moved = [
        replace(edit, span=replace(edit.span, line=edit.span.line - first + 1, end_line=edit.span.end_line - first + 1))
        for edit in group
    ]
    after = applied("\n".join(before), moved).splitlines()
    while len(before) > 1 and after and before[-1] == after[-1]:  # an entry that is taken away ends the line before
        before, after = before[:-1], after[:-1]
    while before and after and before[0] == after[0]:
        before, after, first = before[1:], after[1:], first + 1
    column = group[0].span.column - 1
    shown = [PatchLine(number=first + at, sign="-", text=_view(line, column, room)) for at, line in enumerate(before)]
    shown += [PatchLine(number=first + at, sign="+", text=_view(line, column, room)) for at, line in enumerate(after)]
    return Patch(file=group[0].span.file, lines=tuple(shown))


def _view(line: str, index: int, room: int) -> str:
    """The line, or the part of a long one around the change."""
    cells = Cells.of(line)
    if cells.columns[-1] <= room:
        return cells.between(0, room)
    left = max(0, min(cells.column(index) - room // 3, cells.columns[-1] - room))
    return cells.between(left, left + room)
