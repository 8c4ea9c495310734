"""How wide a text is about, so that boxes fit and long names are cut, without a font at hand."""

from __future__ import annotations

import unicodedata

NARROW, WIDE = frozenset("iljtfrI.,:;|!'()[] -/"), frozenset("mwMW@%≥≤")
ELLIPSIS = "…"


def width(text: str, size: float) -> float:
    """The width of ``text`` in pixels at a font size, by classes of characters of common sans-serif fonts."""
    return sum(_em(character) for character in text) * size


def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.05
    if character in NARROW:
        return 0.37
    return 0.92 if character in WIDE else 0.7 if character.isupper() else 0.61


def cut(text: str, size: float, room: float) -> str:
    """``text``, shortened with an ellipsis where it is wider than ``room`` pixels."""
    if width(text, size) <= room:
        return text
    while text and width(text + ELLIPSIS, size) > room:
        text = text[:-1]
    return text + ELLIPSIS
