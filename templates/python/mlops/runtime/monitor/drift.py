# mypy: disable-error-code="import-untyped"
"""How far a column moved from what the model was trained on: PSI and Kolmogorov-Smirnov.

PSI (population stability index) compares the shares p of the reference and q of the window, bin by bin:

    PSI = sum over bins of (q - p) * ln(q / p)

Numbers are put into the reference's quantile bins, categories are bins of their own. Missing values are one more
bin, and so are all categories that the reference does not have. A share below EPSILON counts as EPSILON, so that
an empty bin moves the index a lot but not to infinity. It is the symmetric Kullback-Leibler divergence (Siddiqi,
Credit Risk Scorecards, 2006); by custom below 0.1 is stable, above 0.2 has shifted.

KS is the two-sample Kolmogorov-Smirnov statistic: the largest difference between the two distribution functions,
0 to 1. For categories, which have no order, it is the largest difference that any set of them makes (the total
variation distance). When the share of missing values moved further than that, its move is the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

EPSILON = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The shares of a column's bins, in the reference and in the window; both sum to 1."""

    labels: tuple[str, ...]
    reference: Floats
    current: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """A column of numbers in the reference: ``counts`` has one more entry than the inner ``edges``."""

    edges: Floats
    counts: Floats
    nulls: int
    sample: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorical:
    """A column of words in the reference."""

    counts: Mapping[str, int]
    nulls: int


def psi(reference: Floats, current: Floats) -> float:
    """The population stability index of two rows of shares, bin by bin the same."""
    p, q = np.maximum(reference, EPSILON), np.maximum(current, EPSILON)
    return float(np.sum((q - p) * np.log(q / p)))


def numeric_bars(reference: Numeric, values: Floats) -> Bars:
    """The window's numbers (NaN = missing) in the reference's bins; the bin of an edge is the one below it."""
    present = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(reference.edges, present, side="left"), minlength=len(reference.counts))
    return Bars(
        labels=(*_ranges(reference.edges), "missing"),
        reference=_shares([*reference.counts, reference.nulls]),
        current=_shares([*counts, len(values) - len(present)]),
    )


def categorical_bars(reference: Categorical, counts: Mapping[str, int], nulls: int) -> Bars:
    """The window's categories beside the reference's, unseen ones together."""
    known = sorted(reference.counts, key=lambda name: (-reference.counts[name], name))
    unseen = sum(count for name, count in counts.items() if name not in reference.counts)
    return Bars(
        labels=(*known, "unseen", "missing"),
        reference=_shares([*(reference.counts[name] for name in known), 0, reference.nulls]),
        current=_shares([*(counts.get(name, 0) for name in known), unseen, nulls]),
    )


def numeric_ks(reference: Numeric, values: Floats) -> float:
    """The larger of the KS statistic of the present values and the move of the missing share."""
    present = values[~np.isnan(values)]
    rows = reference.counts.sum() + reference.nulls
    missing = abs((len(values) - len(present)) / len(values) - reference.nulls / rows)
    if not len(present) or not len(reference.sample):
        return float(missing)
    return max(float(stats.ks_2samp(reference.sample, present, method="asymp").statistic), float(missing))


def categorical_ks(bars: Bars) -> float:
    """The total variation distance: the largest difference of share that any set of bins makes."""
    return float(np.abs(bars.current - bars.reference).sum() / 2)


def _shares(counts: object) -> Floats:
    numbers: Floats = np.asarray(counts, dtype=np.float64)
    return np.divide(numbers, max(numbers.sum(), 1.0))


def _ranges(edges: Floats) -> list[str]:
    if not len(edges):
        return ["all"]
    shown = [f"{edge:.4g}" for edge in edges]
    middle = [f"{low} to {high}" for low, high in pairwise(shown)]
    return [f"up to {shown[0]}", *middle, f"above {shown[-1]}"]
