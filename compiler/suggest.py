"""Did you mean: the known name that is nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from os.path import commonprefix

from .diagnostics import Edit, Mark

SHORTEST_CERTAIN = 4
"""The fewest characters of a name whose slip can be told from another word."""


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` most likely stands for, or None."""
    known = sorted(set(candidates))
    sure = certain(name, known)
    if sure is not None:
        return sure
    lowered = {candidate.lower().replace("-", "_"): candidate for candidate in reversed(known)}
    wanted = name.lower().replace("-", "_")
    if wanted in lowered:
        return lowered[wanted]
    close = get_close_matches(wanted, list(lowered), n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """The help line ``did you mean 'x'?``, or None."""
    found = suggest(name, candidates)
    return f"did you mean '{found}'?" if found else None


def renamed(mark: Mark, name: str, candidates: Iterable[str]) -> tuple[Edit, ...]:
    """The fix of a mistyped name at ``mark``, where only one candidate can be meant."""
    meant = certain(name, candidates)
    return (Edit(mark=Mark(path=mark.path, at=mark.at, within=mark.within), value=meant),) if meant else ()


def certain(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that differs from ``name`` by case, dashes or a single slip; None where two would do.

    A slip is one character too many, missing, wrong, or two that changed places (Damerau, 1964). Short names, where a
    slip may well be another word, have no certain candidate.
    """
    wanted = _folded(name)
    known = sorted(set(candidates))
    same = [candidate for candidate in known if _folded(candidate) == wanted]
    close = (candidate for candidate in known if abs(len(candidate) - len(wanted)) <= 1)
    near = same or [candidate for candidate in close if _one_slip(wanted, _folded(candidate))]
    return near[0] if len(near) == 1 and (same or len(name) >= SHORTEST_CERTAIN) else None


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


def _one_slip(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = len(commonprefix((one, other)))  # noqa: RUF071  (by characters, in C)
    a, b = one[start:], other[start:]
    swapped = len(a) > 1 and len(b) > 1 and (a[0], a[1]) == (b[1], b[0]) and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped
