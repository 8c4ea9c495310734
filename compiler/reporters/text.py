"""Diagnostics for people: the lines, what is wrong in them, what it has to do with, and what mends it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostic, Label
from ..fixes import Documents, text_edits
from ..source import Sources
from .cells import harmless, width
from .excerpt import Drawn, Marked, drawn, grouped
from .patch import MOST, Patch, patches
from .rows import painted

WIDTH = 140
"""The most columns of a source line that are shown where there is no terminal to ask."""

_NARROWEST = 40


def report(
    diagnostics: Iterable[Diagnostic], sources: Sources, *, colour: bool = False, columns: int | None = None
) -> str:
    """Every diagnostic with its lines, an empty line after each; ``columns`` is the width of the terminal."""
    printer = _Printer(sources, colour=colour, columns=columns and max(columns, _NARROWEST))
    return "".join(printer.print(diagnostic) for diagnostic in diagnostics)


class _Printer:
    """Prints one diagnostic at a time."""

    def __init__(self, sources: Sources, *, colour: bool, columns: int | None) -> None:
        self._lines = {name: file.lines for name, file in sources.files.items()}
        self._documents = Documents(sources)
        self._colour = colour
        self._columns = columns

    def print(self, diagnostic: Diagnostic) -> str:
        """The lines of one diagnostic."""
        return "\n".join(self._all(diagnostic)) + "\n\n"

    def _all(self, diagnostic: Diagnostic) -> Iterator[str]:
        severity = str(diagnostic.severity)
        primary = _marked(diagnostic.primary, severity, primary=True)
        near, far = grouped(primary, [_marked(label, "frame", primary=False) for label in diagnostic.related])
        lines = self._lines.get(primary.span.file, [])
        edits = text_edits(diagnostic, self._documents) if diagnostic.fix else ()
        spans = [*(label.span for label in near), *(edit.span for edit in edits)]
        edge = len(str(max(span.end_line for span in spans))) + 3
        room = self._columns - edge - 2 if self._columns else WIDTH
        changed = patches(edits, self._lines, room)
        rows, lost = drawn(near, lines, room)
        yield from self._head(diagnostic)
        if rows:
            yield self._paint(" " * edge + "|", "frame")
        yield from (self._row(one, edge) for one in rows)
        if lost or far or diagnostic.help:
            yield self._paint(" " * edge + "|", "frame")
        yield from (self._elsewhere(label, edge) for label in (*lost, *far))
        yield from self._help(diagnostic.help, edge)
        yield from self._patches(changed, primary.span.file, edge)

    def _head(self, diagnostic: Diagnostic) -> Iterator[str]:
        name = self._paint(f"{diagnostic.severity}[{diagnostic.code}]", str(diagnostic.severity))
        yield name + self._paint(f": {harmless(diagnostic.message)}", "bold")
        span = diagnostic.primary.span
        yield f"{self._paint('  -->', 'frame')} {harmless(span.file)}:{span.line}:{span.column}"

    def _row(self, one: Drawn, edge: int) -> str:
        if one.number == "...":
            head = self._paint("  ...", "frame")
            rest = one.row.text(colour=self._colour)
            return f"{head}{' ' * (edge - 3)}{rest}" if rest else head
        number = "" if one.number is None else f"{one.number} "
        body = one.row.text(colour=self._colour)
        return f"{self._paint(f'{number:>{edge}}|', 'frame')} {body}".rstrip()

    def _elsewhere(self, label: Marked, edge: int) -> str:
        place = f"{harmless(label.span.file)}:{label.span.line}:{label.span.column}"
        return f"{self._paint(' ' * (edge - 1) + ':::', 'frame')} {place} {harmless(label.text)}".rstrip()

    def _help(self, words: str | None, edge: int) -> Iterator[str]:
        if not words:
            return
        first, *more = words.splitlines()
        head = f"{self._paint(' ' * edge + '=', 'frame')} {self._paint('help:', 'bold')} "
        start, *rest = self._wrapped(harmless(first), edge + len("= help: "))
        yield head + start
        yield from (" " * (edge + len("= help: ")) + line for line in rest)
        yield from (f"{' ' * (edge + 2)}{harmless(line)}".rstrip() for line in more)

    def _patches(self, changed: list[Patch], file: str, edge: int) -> Iterator[str]:
        """What the fix changes; where it reaches into another file, the name of that file too."""
        for patch in changed[:MOST]:
            other = patch.file != file
            yield self._paint(f"{' ' * (edge - 1)}::: {harmless(patch.file)}" if other else f"{' ' * edge}|", "frame")
            for line in patch.lines:
                style = "removed" if line.sign == "-" else "added"
                number = self._paint(f"{line.number:>{edge - 1}}", "frame")
                yield f"{number} {self._paint(f'{line.sign} {line.text}'.rstrip(), style)}"
        if len(changed) > MOST:
            yield f"{' ' * edge}{self._paint('|', 'frame')} and {len(changed) - MOST} more places"

    def _wrapped(self, text: str, indent: int) -> list[str]:
        """The text in lines that fit the terminal."""
        if self._columns is None or indent + width(text) <= self._columns:
            return [text]
        room = max(self._columns - indent, _NARROWEST // 2)
        return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [text]

    def _paint(self, text: str, style: str) -> str:
        return painted(text, style, colour=self._colour)


def _marked(label: Label, style: str, *, primary: bool) -> Marked:
    return Marked(span=label.span, text=harmless(label.text), primary=primary, style=style)
