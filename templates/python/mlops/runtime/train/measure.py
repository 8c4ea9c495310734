"""Any metric of the spec, by name: a standard one or one of the business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.config import ModelConfig
from .business import Rows
from .metrics import METRICS, compute
from .outcome import Outcome


def measure(config: ModelConfig, name: str, outcome: Outcome, rows: Rows, classes: Sequence[Any]) -> float | None:
    """The metric ``name`` of these rows; None where it has no value."""
    business = config.evaluate.business.get(name)
    if business is not None:
        return rows.business(name, business.sql, outcome, classes)
    return compute(name, outcome)


def goal_of(config: ModelConfig, name: str) -> str:
    """Whether a larger value of the metric is better (``maximize``) or a smaller one (``minimize``)."""
    business = config.evaluate.business.get(name)
    if business is not None:
        return business.goal
    return METRICS[name].goal if name in METRICS else "maximize"


def better(value: float, than: float, goal: str) -> bool:
    """Whether ``value`` is strictly better ``than`` the other in the direction of ``goal``."""
    return value > than if goal == "maximize" else value < than
