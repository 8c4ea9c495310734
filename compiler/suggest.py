"""Did you mean: the known name that is nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` most likely stands for, or None."""
    known = sorted(set(candidates))
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
