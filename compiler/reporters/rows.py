"""Rows of text in colours, built from pieces that each begin at a column."""

from __future__ import annotations

from dataclasses import dataclass, field

from .cells import width

COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "frame": "\x1b[1;34m",
    "bold": "\x1b[1m",
    "removed": "\x1b[31m",
    "added": "\x1b[32m",
}
"""What each style of a piece looks like on a terminal."""

_PLAIN = "\x1b[0m"


@dataclass(slots=True)
class Row:
    """One line of a report; a later piece covers an earlier one."""

    pieces: list[tuple[int, str, str]] = field(default_factory=list)

    def put(self, column: int, text: str, style: str = "") -> Row:
        """Write ``text`` from ``column`` on."""
        if text:
            self.pieces.append((column, text, style))
        return self

    def end(self) -> int:
        """The column behind the last piece."""
        return max((column + width(text) for column, text, _ in self.pieces), default=0)

    def text(self, *, colour: bool) -> str:
        """The row as one string, without spaces at its end."""
        parts: list[str] = []
        at = 0
        for column, text, style in sorted(self.pieces, key=lambda piece: piece[0]):
            if column < at:  # marks never overlap, and a text stands alone from its column on
                continue
            parts.append(" " * (column - at) + painted(text, style, colour=colour))
            at = column + width(text)
        return "".join(parts).rstrip()


def painted(text: str, style: str, *, colour: bool) -> str:
    """The text in the colour of ``style``."""
    return f"{COLOURS[style]}{text}{_PLAIN}" if colour and style and text.strip() else text
