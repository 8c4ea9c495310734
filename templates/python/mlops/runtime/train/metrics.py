# mypy: disable-error-code="import-untyped"
"""Every metric by its name: what computes it, which direction is better and what it needs to see."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import metrics as sk

from ..core.errors import StepError
from .outcome import BINARY, MULTICLASS, REGRESSION, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric: its function of an outcome, its better direction, the tasks it is for, what it looks at."""

    function: Callable[[Outcome], float]
    goal: str
    tasks: tuple[str, ...]
    needs: str  # score | decision


def _decided(function: Callable[..., Any], goal: str = "maximize", **options: Any) -> Metric:
    return Metric(
        function=lambda o: float(function(o.actual, o.decided, **options)),
        goal=goal,
        tasks=(BINARY, MULTICLASS),
        needs="decision",
    )


def _averaged(function: Callable[..., Any], average: str | None = None) -> Metric:
    """Of the second class when there are two and no ``average`` is named, else over the classes that occur."""

    def compute(o: Outcome) -> float:
        kind = average or ("binary" if o.task == BINARY else "macro")
        return float(function(o.actual, o.decided, average=kind, zero_division=0))

    return Metric(function=compute, goal="maximize", tasks=(BINARY, MULTICLASS), needs="decision")


def _value(function: Callable[..., Any], goal: str) -> Metric:
    return Metric(function=lambda o: float(function(o.actual, o.score)), goal=goal, tasks=(REGRESSION,), needs="score")


def _scored(function: Callable[[Outcome], float], goal: str, *tasks: str) -> Metric:
    return Metric(function=function, goal=goal, tasks=tasks, needs="score")


def _roc_auc(o: Outcome) -> float:
    if o.task == BINARY:
        return float(sk.roc_auc_score(o.actual, o.score))
    return float(sk.roc_auc_score(o.actual, o.score, multi_class="ovr", labels=list(range(o.classes))))


def _average_precision(o: Outcome) -> float:
    if o.task == BINARY:
        return float(sk.average_precision_score(o.actual, o.score))
    return float(sk.average_precision_score(np.eye(o.classes)[o.actual.astype(int)], o.score))


def _brier(o: Outcome) -> float:
    """Mean squared distance of the probabilities: of the second class, or summed over all classes (Brier, 1950)."""
    if o.task == BINARY:
        return float(np.mean((o.score - o.actual) ** 2))
    return float(np.mean(np.sum((o.score - np.eye(o.classes)[o.actual.astype(int)]) ** 2, axis=1)))


def _top_k(o: Outcome, k: int) -> float:
    return float(sk.top_k_accuracy_score(o.actual, o.score, k=k, labels=list(range(o.classes))))


METRICS: dict[str, Metric] = {
    "roc_auc": _scored(_roc_auc, "maximize", BINARY, MULTICLASS),
    "average_precision": _scored(_average_precision, "maximize", BINARY, MULTICLASS),
    "log_loss": _scored(
        lambda o: float(sk.log_loss(o.actual, o.score, labels=list(range(o.classes)))), "minimize", BINARY, MULTICLASS
    ),
    "brier_score": _scored(_brier, "minimize", BINARY, MULTICLASS),
    "top_2_accuracy": _scored(lambda o: _top_k(o, 2), "maximize", MULTICLASS),
    "top_3_accuracy": _scored(lambda o: _top_k(o, 3), "maximize", MULTICLASS),
    "accuracy": _decided(sk.accuracy_score),
    "balanced_accuracy": _decided(sk.balanced_accuracy_score),
    "matthews_corrcoef": _decided(sk.matthews_corrcoef),
    "cohen_kappa": _decided(sk.cohen_kappa_score),
    "f1": _averaged(sk.f1_score),
    "f1_macro": _averaged(sk.f1_score, "macro"),
    "f1_micro": _averaged(sk.f1_score, "micro"),
    "f1_weighted": _averaged(sk.f1_score, "weighted"),
    "precision": _averaged(sk.precision_score),
    "precision_macro": _averaged(sk.precision_score, "macro"),
    "precision_weighted": _averaged(sk.precision_score, "weighted"),
    "recall": _averaged(sk.recall_score),
    "recall_macro": _averaged(sk.recall_score, "macro"),
    "recall_weighted": _averaged(sk.recall_score, "weighted"),
    "jaccard": _averaged(sk.jaccard_score),
    "r2": _value(sk.r2_score, "maximize"),
    "explained_variance": _value(sk.explained_variance_score, "maximize"),
    "mae": _value(sk.mean_absolute_error, "minimize"),
    "mse": _value(sk.mean_squared_error, "minimize"),
    "rmse": _value(sk.root_mean_squared_error, "minimize"),
    "rmsle": _value(sk.root_mean_squared_log_error, "minimize"),
    "mape": _value(sk.mean_absolute_percentage_error, "minimize"),
    "medae": _value(sk.median_absolute_error, "minimize"),
    "max_error": _value(sk.max_error, "minimize"),
    "mean_pinball_loss": _value(sk.mean_pinball_loss, "minimize"),
}


def compute(name: str, outcome: Outcome) -> float | None:
    """The metric ``name`` of these rows; None where it has no value, such as roc_auc with one class only."""
    if name not in METRICS:
        raise StepError(f"unknown metric '{name}'", f"there is: {', '.join(METRICS)}")
    if not len(outcome.actual):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns where we answer None
        try:
            result = METRICS[name].function(outcome)
        except ValueError:
            return None
    return result if np.isfinite(result) else None
