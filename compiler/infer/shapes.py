"""What all texts of a column look like, where it is the same for every one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from string import ascii_lowercase, ascii_uppercase, digits

UPPER, LOWER, DIGIT = "A", "a", "0"
CLASSES = {UPPER: "[A-Z]", LOWER: "[a-z]", DIGIT: "[0-9]"}
WORDS = {UPPER: "capital letter", LOWER: "small letter", DIGIT: "digit"}
FEWEST = 20
"""Of fewer different texts than these nothing is concluded."""
SHORTEST, LONGEST = 3, 40
KNOWN = (
    ("a UUID", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    ("a UUID", "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"),
)
"""Texts whose digits and letters may stand anywhere; a shape says nothing of them."""


def shape(name: str) -> str:
    """SQL that puts every letter and digit of a text down to its class; null where the text is long."""
    source = ascii_uppercase + ascii_lowercase + digits
    target = UPPER * 26 + LOWER * 26 + DIGIT * 10
    return f"CASE WHEN length({name}) <= {LONGEST} THEN translate({name}, '{source}', '{target}') ELSE '' END"


def pattern_of(least: str | None, most: str | None, some: Sequence[str], distinct: int) -> tuple[str | None, str]:
    """The regular expression and the words for texts whose shapes all lie between ``least`` and ``most``."""
    if distinct < FEWEST or least is None:
        return None, ""
    if least == most:
        return _of_shape(least)
    if least and most and len(least) == len(most):
        return next((known for known in _known(some)), (None, ""))
    return None, ""


def _known(some: Sequence[str]) -> list[tuple[str, str]]:
    return [(pattern, words) for words, pattern in KNOWN if all(re.fullmatch(pattern, text) for text in some)]


def _of_shape(one: str) -> tuple[str | None, str]:
    telling = sum(sign in CLASSES for sign in one)
    if not len(one) >= SHORTEST or telling < SHORTEST:
        return None, ""
    runs = [(sign, len(list(group))) for sign, group in groupby(one)]
    pattern = "".join(
        CLASSES.get(sign, re.escape(sign)) + (f"{{{count}}}" if count > 1 else "") for sign, count in runs
    )
    return pattern, _spoken(runs)


def _spoken(runs: Sequence[tuple[str, int]]) -> str:
    said = [
        f"{count} {WORDS[sign]}{'s' if count > 1 else ''}" if sign in WORDS else repr(sign * count)
        for sign, count in runs
    ]
    return ", ".join(said)
