"""The score from which a binary prediction is true, chosen on the validation rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..core.errors import StepError
from .measure import better
from .outcome import BINARY, Outcome
from .scorer import decide

CANDIDATES = 99


def choose_threshold(scored: Outcome, goal: str, judge: Callable[[Outcome], float | None]) -> float:
    """The best of the 1st to 99th percentiles of the scores; the lowest of equals."""
    best: tuple[float, float] | None = None
    for candidate in np.unique(np.quantile(scored.score, np.linspace(0.01, 0.99, CANDIDATES))):
        value = judge(replace(scored, decided=decide(scored.score, BINARY, float(candidate))))
        if value is not None and (best is None or better(value, best[1], goal)):
            best = (float(candidate), value)
    if best is None:
        raise StepError("no threshold gives the metric a value on the validation rows", "set 'decision' to a number")
    return best[0]
