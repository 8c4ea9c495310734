"""Lines of the spec with marks below them: which lines are shown, which part of each, and where the words go."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from ..records import record
from ..source import Span
from .cells import Cells, harmless, width
from .rows import Row

NEAR = 10
"""How many lines away from the primary label a related one is still shown in the same excerpt."""

WHOLE = 6
"""The most lines of a span that are shown without leaving some out."""

_ENDS = 2  # how many lines of a longer span are shown at its begin and at its end
_LEAST = 24  # the fewest columns in which words are broken


@record
class Marked:
    """A label as it is drawn."""

    span: Span
    text: str
    primary: bool
    style: str

    @property
    def sign(self) -> str:
        """What is repeated under the span."""
        return "^" if self.primary else "-"

    @property
    def tall(self) -> bool:
        """Whether the span reaches over several lines."""
        return self.span.end_line != self.span.line


@record
class Drawn:
    """One row of an excerpt: the number of its line, None below a line, ``...`` where lines are left out."""

    number: int | Literal["..."] | None
    row: Row


def grouped(primary: Marked, related: Sequence[Marked]) -> tuple[list[Marked], list[Marked]]:
    """The labels of the excerpt around ``primary``, and those that stand in another file or far away."""
    near: list[Marked] = [primary]
    far: list[Marked] = []
    for label in related:
        same = label.span.file == primary.span.file
        close = abs(label.span.line - primary.span.line) <= NEAR and not (label.tall and primary.tall)
        (near if same and close else far).append(label)
    return near, far


def drawn(labels: Sequence[Marked], lines: Sequence[str], room: int) -> tuple[list[Drawn], list[Marked]]:
    """The rows of one excerpt, at most ``room`` columns wide, and the labels that found no place in it."""
    shown = [_clipped(label, lines) for label in labels if 0 < label.span.line <= len(lines)]
    tall = next((label for label in shown if label.tall), None)
    flat = [_first_line(label, lines) for label in shown if label is not tall]
    margin = 2 if tall else 0
    rows: list[Drawn] = []
    lost: list[Marked] = []
    before = 0
    for number in _numbers(shown, lines):
        if before and number > before + 1:
            rows.append(Drawn(number="...", row=_bar(Row(), tall, before + 0.5)))
        before = number
        line = _Line(text=lines[number - 1], number=number, room=room - margin, margin=margin)
        mine, dropped = line.fitting([label for label in flat if label.span.line == number], tall)
        lost += dropped
        rows += line.rows(mine, tall)
    return rows, lost


def _numbers(labels: Iterable[Marked], lines: Sequence[str]) -> list[int]:
    """The lines to show: those with labels, and a single one between them rather than a gap."""
    wanted: set[int] = set()
    for label in labels:
        first, last = label.span.line, label.span.end_line
        inside = range(first, last + 1)
        if len(inside) > WHOLE:
            inside = [*range(first, first + _ENDS), *range(last - _ENDS + 1, last + 1)]  # type: ignore[assignment]
        wanted.update(inside)
    filled = {number + 1 for number in wanted if number + 2 in wanted}
    return sorted(number for number in wanted | filled if number <= len(lines))


def _clipped(label: Marked, lines: Sequence[str]) -> Marked:
    """The label with an end that lies in the text: an empty last line is no part of a span."""
    span = label.span
    line, column = min(span.end_line, len(lines)), span.end_column
    if line != span.end_line:
        column = len(lines[line - 1]) + 1
    while line > span.line and not lines[line - 1][: column - 1].strip():
        line -= 1
        column = len(lines[line - 1].rstrip()) + 1
    return replace(label, span=replace(span, end_line=line, end_column=column))


def _first_line(label: Marked, lines: Sequence[str]) -> Marked:
    if not label.tall:
        return label
    end = len(lines[label.span.line - 1].rstrip()) + 1
    return replace(label, span=replace(label.span, end_line=label.span.line, end_column=end))


def _bar(row: Row, tall: Marked | None, number: float, *, opened: bool = False) -> Row:
    """The row with the bar of a span of several lines, where that runs past or begins at the line."""
    if tall and (tall.span.line < number <= tall.span.end_line or (opened and number == tall.span.line)):
        row.put(0, "|", tall.style)
    return row


@record
class _Line:
    """One line of the spec, which part of it is shown, and the rows below it."""

    text: str
    number: int
    room: int
    margin: int
    left: int = 0

    @property
    def cells(self) -> Cells:
        return Cells.of(self.text)

    def fitting(self, labels: list[Marked], tall: Marked | None) -> tuple[list[Marked], list[Marked]]:
        """The labels that one view of the line can hold, the primary first, and the others."""
        kept: list[Marked] = []
        lost: list[Marked] = []
        for label in sorted(labels, key=lambda one: not one.primary):
            start, end = self._hull([*kept, label], tall)
            fits = not kept or end - start <= self.room - 2
            (kept if fits else lost).append(label)
        return kept, lost

    def _hull(self, labels: list[Marked], tall: Marked | None) -> tuple[int, int]:
        """From the first column that has to be seen to the last."""
        cells = self.cells
        ends = [self._columns(label, cells) for label in labels]
        if tall and tall.span.line == self.number:
            ends.append((cells.column(tall.span.column - 1), cells.column(tall.span.column)))
        if tall and tall.span.end_line == self.number:
            ends.append((cells.column(tall.span.end_column - 2), cells.column(tall.span.end_column - 1)))
        return min((start for start, _ in ends), default=0), max((end for _, end in ends), default=0)

    @staticmethod
    def _columns(label: Marked, cells: Cells) -> tuple[int, int]:
        start = cells.column(label.span.column - 1)
        beyond = label.span.column - 1 - (len(cells.columns) - 1)  # behind the end of the line
        start += max(beyond, 0)
        return start, max(cells.column(label.span.end_column - 1), start + 1)

    def view(self, labels: list[Marked], tall: Marked | None) -> tuple[int, int]:
        """From which column to which the line is shown: all of it, or a part with the labels in its midst."""
        start, end = self._hull(labels, tall)
        total = max(self.cells.columns[-1], end)
        if total <= self.room:
            return 0, self.room
        words = min(max((width(label.text) + 1 for label in labels if label.text), default=0), self.room // 2)
        if end + words < self.room:
            return 0, self.room
        spare = max(self.room - 2 - (end - start) - words, 0)
        left = max(0, min(start - 1 - spare // 2, total - self.room + words))
        return left, left + self.room

    def rows(self, labels: list[Marked], tall: Marked | None) -> Iterator[Drawn]:
        """The line itself, and below it the marks and their words."""
        left, right = self.view(labels, tall)
        cells = self.cells
        source = Row().put(self.margin, cells.between(left, right).rstrip())
        opens = tall is not None and tall.span.line == self.number
        plain_start = opens and tall is not None and not self.text[: tall.span.column - 1].strip() and not left
        if tall and plain_start:
            source.put(0, "/", tall.style)
        yield Drawn(number=self.number, row=_bar(source, tall, self.number))
        for row in _marks(self._placed(labels, cells, left), self.room):
            shifted = Row([(column + self.margin, text, style) for column, text, style in row.pieces])
            yield Drawn(number=None, row=_bar(shifted, tall, self.number, opened=plain_start))
        if tall and opens and not plain_start:
            yield Drawn(number=None, row=self._corner(tall, cells.column(tall.span.column - 1) - left, "", " "))
        if tall and tall.span.end_line == self.number:
            end = cells.column(max(tall.span.end_column - 2, 0)) - left
            yield Drawn(number=None, row=self._corner(tall, end, tall.text, "|"))

    def _corner(self, tall: Marked, column: int, text: str, first: str) -> Row:
        """The row that leads from the bar to where a span of several lines begins or ends."""
        line = "_" * (min(max(column, 0), self.room - 1) + self.margin - 1)
        return Row().put(0, first if first.strip() else "", tall.style).put(1, f"{line}{tall.sign} {text}", tall.style)

    def _placed(self, labels: list[Marked], cells: Cells, left: int) -> list[tuple[int, int, Marked]]:
        placed = []
        for label in labels:
            start, end = self._columns(label, cells)
            start = max(start - left, 0)
            placed.append((start, max(min(end - left, self.room), start + 1), label))
        return sorted(placed, key=lambda one: (one[0], one[1]))


def _marks(placed: list[tuple[int, int, Marked]], room: int) -> Iterator[Row]:
    """The marks of one line and the words of each, from right to left, connected where they need rows of their own."""
    if not placed:
        return
    row = _underlined(placed)
    worded = [one for one in placed if one[2].text]
    last = placed[-1]
    alone = last[2].text and all(other[1] <= last[0] for other in placed[:-1])
    if alone and (last[1] + 1 + width(last[2].text) <= room or (len(placed) == 1 and room - last[1] - 1 >= _LEAST)):
        first, *more = _broken(last[2].text, room - last[1] - 1)
        yield row.put(last[1] + 1, first, last[2].style)
        worded.remove(last)
        yield from (_connected(worded, Row().put(last[1] + 1, line, last[2].style)) for line in more)
    else:
        yield row
    if worded:
        yield _connected(worded, Row())
    while worded:
        start, _, label = worded.pop()
        column = max(min(start, room - width(label.text)), 0)
        rest = [one for one in worded if one[0] < column]
        for line in _broken(label.text, room - column):
            yield _connected(rest, Row().put(column, line, label.style))


def _underlined(placed: list[tuple[int, int, Marked]]) -> Row:
    """One row of marks; where two spans overlap, the primary one is on top."""
    signs: dict[int, Marked] = {}
    for start, end, label in sorted(placed, key=lambda one: (one[2].primary, one[0] - one[1])):
        signs.update(dict.fromkeys(range(start, end), label))
    row = Row()
    columns = sorted(signs)
    while columns:
        first = columns[0]
        run = 1
        while run < len(columns) and columns[run] == first + run and signs[columns[run]] is signs[first]:
            run += 1
        row.put(first, signs[first].sign * run, signs[first].style)
        columns = columns[run:]
    return row


def _connected(worded: list[tuple[int, int, Marked]], row: Row) -> Row:
    for column, label in {start: label for start, _, label in reversed(worded)}.items():
        row.put(column, "|", label.style)
    return row


def _broken(text: str, room: int) -> list[str]:
    """The words in lines of at most ``room`` columns; narrower ones than make sense are left to the terminal."""
    text = harmless(text)
    if width(text) <= room or room < _LEAST:
        return [text]
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [text]
