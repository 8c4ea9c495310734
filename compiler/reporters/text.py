"""Diagnostics for people: the line, what is wrong in it, what it has to do with, and what mends it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostic, Label, Severity, readable
from ..source import Sources, Span

WIDTH = 140
"""The most columns of a source line that are shown."""

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "frame": "\x1b[1;34m", "bold": "\x1b[1m"}
_PLAIN = "\x1b[0m"


def report(diagnostics: Iterable[Diagnostic], sources: Sources, *, colour: bool = False) -> str:
    """Every diagnostic with its lines, an empty line after each."""
    return "".join(_Printer(sources, colour=colour).print(diagnostic) for diagnostic in diagnostics)


class _Printer:
    """Prints one diagnostic at a time."""

    def __init__(self, sources: Sources, *, colour: bool) -> None:
        self._sources = sources
        self._colour = colour

    def print(self, diagnostic: Diagnostic) -> str:
        """The lines of one diagnostic."""
        return "\n".join(self._lines(diagnostic)) + "\n\n"

    def _lines(self, diagnostic: Diagnostic) -> Iterator[str]:
        span, severity = diagnostic.primary.span, diagnostic.severity
        edge = " " * (len(str(span.line)) + 3)
        yield self._head(diagnostic)
        yield f"{self._paint('  -->', 'frame')} {span.file}:{span.line}:{span.column}"
        yield from self._excerpt(diagnostic.primary, severity, edge)
        if diagnostic.related or diagnostic.help:
            yield self._paint(f"{edge}|", "frame")
        for label in diagnostic.related:
            place = f"{label.span.file}:{label.span.line}:{label.span.column}"
            yield f"{self._paint(edge[1:] + ':::', 'frame')} {place} {label.text}".rstrip()
        if diagnostic.help:
            first, *more = diagnostic.help.split("\n")
            yield f"{self._paint(edge + '=', 'frame')} {self._paint('help:', 'bold')} {first}"
            yield from (f"{edge}  {line}".rstrip() for line in more)

    def _head(self, diagnostic: Diagnostic) -> str:
        name = self._paint(f"{diagnostic.severity}[{diagnostic.code}]", str(diagnostic.severity))
        return name + self._paint(f": {diagnostic.message}", "bold")

    def _excerpt(self, label: Label, severity: Severity, edge: str) -> Iterator[str]:
        """The line of the label, with marks below it."""
        line = self._line(label.span)
        if line is None:
            return
        start, end = label.span.column - 1, label.span.end_column - 1
        if label.span.end_line != label.span.line:
            end = len(line.rstrip())
        shown, start, end = _cut(line, start, max(end, start + 1))
        marks = "^" * max(_width(shown[start:end]), 1)
        under = " " * _width(shown[:start]) + self._paint(f"{marks} {label.text}".rstrip(), str(severity))
        yield self._paint(f"{edge}|", "frame")
        yield f"{self._paint(f'  {label.span.line} |', 'frame')} {_visible(shown)}".rstrip()
        yield f"{self._paint(f'{edge}|', 'frame')} {under}"

    def _line(self, span: Span) -> str | None:
        file = self._sources.files.get(span.file)
        lines = file.lines if file else []
        return lines[span.line - 1] if 0 < span.line <= len(lines) else None

    def _paint(self, text: str, name: str) -> str:
        return f"{_COLOURS[name]}{text}{_PLAIN}" if self._colour else text


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around the span, and the span in it."""
    if len(line) <= WIDTH:
        return line, start, end
    left = max(0, min(start - WIDTH // 3, len(line) - WIDTH))
    shown = line[left : left + WIDTH]
    before = "…" if left else ""
    after = "…" if left + WIDTH < len(line) else ""
    moved = start - left + len(before)
    return before + shown + after, moved, min(end - left + len(before), len(before + shown))


def _visible(text: str) -> str:
    """The text without what would move the cursor."""
    return "".join(" " if unicodedata.category(c) == "Cc" else "\ufffd" if readable(c) != c else c for c in text)


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
