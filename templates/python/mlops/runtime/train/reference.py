"""What the training rows looked like: the distribution of every feature, for the drift monitors."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ..core.config import Feature, ModelConfig
from ..core.paths import Work
from ..core.personal import personal_features
from .encode import category, numbers
from .frames import read_columns

BINS = 10
MOST_SAMPLES = 2000


def reference(config: ModelConfig, work: Work) -> dict[str, Any]:
    """Per feature: counts by category, or by quantile bin with a sorted sample; and how many are missing.

    A bin ends with its edge: values up to and including the first edge are in the first bin, those above the last
    edge in the last. There are up to 9 inner edges, fewer where quantiles fall together. What is made of a personal
    column is left out: a reference is kept with the model, and has its values.
    """
    columns = read_columns(work.rows("train"), [feature.name for feature in config.features])
    rows = len(next(iter(columns.values()))) if columns else 0
    hidden = personal_features(config.features, config.datasets[config.dataset].columns)
    known = [feature for feature in config.features if feature.name not in hidden]
    return {"rows": rows, "features": {f.name: describe(f, columns[f.name]) for f in known}}


def describe(feature: Feature, values: Any) -> dict[str, Any]:
    """The distribution of one feature."""
    return _categorical(values) if feature.role == "categorical" else _numeric(values)


def _categorical(values: Any) -> dict[str, Any]:
    counts = Counter(category(value) for value in values.tolist())
    nulls = counts.pop(None, 0)
    return {"kind": "categorical", "counts": {str(name): count for name, count in counts.items()}, "nulls": nulls}


def _numeric(values: Any) -> dict[str, Any]:
    plain = numbers(values)
    present = np.sort(plain[~np.isnan(plain)])
    if not len(present):
        return {"kind": "numeric", "edges": [], "counts": [0], "nulls": len(plain), "sample": []}
    edges = np.unique(np.quantile(present, np.arange(1, BINS) / BINS))
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    places = np.unique(np.linspace(0, len(present) - 1, min(len(present), MOST_SAMPLES)).round().astype(int))
    return {
        "kind": "numeric",
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "nulls": int(len(plain) - len(present)),
        "sample": present[places].tolist(),
    }
