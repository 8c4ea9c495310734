"""How wide text is on a terminal, and how it looks there when nothing in it may move the cursor."""

from __future__ import annotations

import unicodedata

from ..records import record

TAB = 4
"""A tab goes on to the next multiple of this many columns, so that it looks the same everywhere."""

_HARMLESS = frozenset("\u200d\ufe0e\ufe0f")  # joiner and variation selectors: they belong to the sign before


def harmless(text: str) -> str:
    """The text with control and bidirectional characters spelled out, as ``<U+202E>``."""
    return text if text.isascii() and text.isprintable() else "".join(_spelled(character) for character in text)


def width(text: str) -> int:
    """How many columns the text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return Cells.of(text).columns[-1]


@record
class Cells:
    """One line as a terminal shows it: what each character becomes, and the column where each begins.

    ``columns`` has one entry more than the line has characters: the width of the whole.
    """

    shown: tuple[str, ...]
    columns: tuple[int, ...]

    @classmethod
    def of(cls, line: str) -> Cells:
        """The cells of a line without its end."""
        if line.isascii() and line.isprintable():
            return cls(shown=tuple(line), columns=tuple(range(len(line) + 1)))
        from wcwidth import iter_graphemes, wcswidth  # noqa: PLC0415  (only where a line is not plain ASCII)

        shown: list[str] = []
        columns = [0]
        for cluster in iter_graphemes(line):
            pieces = [_spelled(character) for character in cluster]
            if cluster == "\t":
                pieces = [" " * (TAB - columns[-1] % TAB)]
            elif unicodedata.category(cluster[0])[0] == "M" or cluster[0] in _HARMLESS:  # it has nothing to stand on
                pieces[0] = _code(cluster[0])
            whole = "".join(pieces) == cluster
            sizes = [max(wcswidth(piece), 0) for piece in ([cluster] if whole else pieces)]
            sizes += [0] * (len(pieces) - len(sizes))
            for piece, size in zip(pieces, sizes, strict=True):
                shown.append(piece)
                columns.append(columns[-1] + size)
        return cls(shown=tuple(shown), columns=tuple(columns))

    def column(self, index: int) -> int:
        """Where the character at ``index``, counted from 0, begins."""
        return self.columns[min(max(index, 0), len(self.columns) - 1)]

    def between(self, left: int, right: int) -> str:
        """What stands from column ``left`` up to ``right``, with a sign in place of what is cut off."""
        total = self.columns[-1]
        if left <= 0 and right >= total:
            return "".join(self.shown)
        first, last = left + (left > 0), right - (right < total)
        parts, at = ["…" if left > 0 else ""], first
        for index, piece in enumerate(self.shown):
            start, end = self.columns[index], self.columns[index + 1]
            if start >= first and end <= last:
                parts.append(" " * (start - at) + piece)
                at = end
        return "".join(parts) + (" " * (last - at) + "…" if right < total else "")


def _spelled(character: str) -> str:
    """The character, or its code where it would be invisible or move what stands around it."""
    if character in _HARMLESS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"):
        return character
    return _code(character)


def _code(character: str) -> str:
    return f"<U+{ord(character):04X}>"
