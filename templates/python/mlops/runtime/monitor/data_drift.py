"""Monitor ``data-drift``: do the features of the window come from where the training rows came from?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.config import Feature, ModelConfig, Monitor
from ..core.errors import StepError
from . import drift
from .history import History
from .schedule import Window
from .verdicts import BREACHED, INSUFFICIENT, OK, Measure, WindowVerdict

THRESHOLDS = {"psi": 0.2, "ks": 0.1}
BOOLEAN = {"up to 0": "false", "above 0": "true", "0 to 1": "true"}
"""What the bins of a boolean column, 0 or 1, are called."""


def judge(history: History, window: Window, monitor: Monitor, config: ModelConfig, reference: Any) -> WindowVerdict:
    """One measure per watched column, those that moved most first."""
    rows = history.count(window)
    if rows < max(monitor.min_rows, 1):
        return WindowVerdict(window=window, rows=rows, why=f"{rows:,} predictions, needs {max(monitor.min_rows, 1):,}")
    watched = _watched(monitor, config)
    personal = {name for name, column in config.datasets[config.dataset].columns.items() if column.pii}
    measures = [
        _hide_values(_measure(history, window, monitor, feature, reference))
        if personal.intersection(feature.columns)
        else _measure(history, window, monitor, feature, reference)
        for feature in watched
    ]
    measures.sort(key=lambda measure: (-(measure.value or 0.0), measure.name))
    return WindowVerdict(window=window, rows=rows, measures=tuple(measures))


def _watched(monitor: Monitor, config: ModelConfig) -> list[Feature]:
    if not monitor.columns:
        return config.features
    return [feature for feature in config.features if feature.name in monitor.columns]


def _measure(history: History, window: Window, monitor: Monitor, feature: Feature, reference: Any) -> Measure:
    method = monitor.method or "psi"
    if method not in THRESHOLDS:
        raise StepError(f"monitor '{monitor.name}' uses the method '{method}', which is not here", "compile again")
    threshold = monitor.threshold if monitor.threshold is not None else THRESHOLDS[method]
    bound = f"{method} <= {threshold:g}"
    if feature.name not in reference["features"]:
        return Measure(name=feature.name, verdict=INSUFFICIENT, value=None, bound=bound, detail="not in the reference")
    value, bars, rows = _compare(history, window, method, feature, reference["features"][feature.name])
    if rows < max(monitor.min_rows, 1):
        return Measure(
            name=feature.name, verdict=INSUFFICIENT, value=None, bound=bound, detail=f"logged in {rows:,} rows only"
        )
    verdict = BREACHED if value > threshold else OK
    return Measure(name=feature.name, verdict=verdict, value=value, bound=bound, detail=_moved(bars), picture=bars)


def _compare(
    history: History, window: Window, method: str, feature: Feature, reference: Mapping[str, Any]
) -> tuple[float, drift.Bars, int]:
    if reference["kind"] == "categorical":
        known = drift.Categorical(counts=reference["counts"], nulls=reference["nulls"])
        counts, nulls = history.categories(window, feature)
        bars = drift.categorical_bars(known, counts, nulls)
        value = drift.categorical_ks(bars) if method == "ks" else drift.psi(bars.reference, bars.current)
        return value, bars, sum(counts.values()) + nulls
    if reference["kind"] != "numeric":
        raise StepError(f"the reference of '{feature.name}' is of an unknown kind", "package the model again")
    numbers = drift.Numeric(
        edges=np.asarray(reference["edges"], dtype=np.float64),
        counts=np.asarray(reference["counts"], dtype=np.float64),
        nulls=reference["nulls"],
        sample=np.asarray(reference["sample"], dtype=np.float64),
    )
    values = history.numbers(window, feature)
    bars = drift.numeric_bars(numbers, values)
    if feature.dtype == "boolean":
        bars = replace(bars, labels=tuple(BOOLEAN.get(label, label) for label in bars.labels))
    if not len(values):
        return 0.0, bars, 0
    value = drift.numeric_ks(numbers, values) if method == "ks" else drift.psi(bars.reference, bars.current)
    return value, bars, len(values)


def _hide_values(measure: Measure) -> Measure:
    """The measure of a personal column without its values: they must not reach a report or an alert."""
    return replace(measure, picture=None, detail="personal: values not shown" if measure.value is not None else "")


def _moved(bars: drift.Bars) -> str:
    """The bin whose share changed most: what a person looks at first."""
    most = int(np.argmax(np.abs(bars.current - bars.reference)))
    return f"{bars.labels[most]}: {bars.reference[most]:.1%} -> {bars.current[most]:.1%}"
