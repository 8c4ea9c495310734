"""Metrics by name: what they are, for which task, and that the compiler's catalogue knows the same ones."""

from __future__ import annotations

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
metrics = import_module(f"{RUNTIME}.train.metrics")
outcome = import_module(f"{RUNTIME}.train.outcome")
CATALOGUE = Path(__file__).parents[3] / "compiler" / "catalogue" / "metrics.json"


def binary(actual: list[int], score: list[float]) -> Any:
    """A binary outcome decided at one half."""
    scores = np.array(score)
    decided = (scores >= 0.5).astype(int)
    return outcome.Outcome(task=outcome.BINARY, classes=2, actual=np.array(actual), score=scores, decided=decided)


def values(actual: list[float], predicted: list[float]) -> Any:
    """An outcome of a regression."""
    given = np.array(predicted)
    return outcome.Outcome(task=outcome.REGRESSION, classes=0, actual=np.array(actual), score=given, decided=given)


FOUR = binary([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("roc_auc", 0.75),  # three of four pairs are in order
        ("brier_score", (0.01 + 0.36 + 0.36 + 0.01) / 4),
        ("log_loss", -(2 * math.log(0.9) + 2 * math.log(0.4)) / 4),
        ("accuracy", 0.5),
        ("precision", 0.5),
        ("recall", 0.5),
        ("f1", 0.5),
        ("balanced_accuracy", 0.5),
        ("average_precision", 0.5 * 1.0 + 0.5 * 2 / 3),
    ],
)
def test_binary_metric_equals_its_definition(name: str, expected: float) -> None:
    """Four rows, small enough to compute by hand."""
    assert metrics.compute(name, FOUR) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mae", 1.0), ("rmse", math.sqrt(5 / 3)), ("medae", 1.0), ("max_error", 2.0), ("r2", 1 - 5 / 2), ("mape", 5 / 9)],
)
def test_regression_metric_equals_its_definition(name: str, expected: float) -> None:
    """Three values, small enough to compute by hand."""
    assert metrics.compute(name, values([1, 2, 3], [2, 2, 5])) == pytest.approx(
        expected if name != "mape" else (1 + 2 / 3) / 3
    )


def test_metric_without_a_value_is_none() -> None:
    """One class alone has no ROC curve; no rows have no metric."""
    assert metrics.compute("roc_auc", binary([1, 1], [0.2, 0.7])) is None
    assert metrics.compute("accuracy", binary([], [])) is None


def test_unknown_metric_lists_what_there_is() -> None:
    """A metric that nothing computes is an error with the names that exist."""
    with pytest.raises(Exception, match="unknown metric 'auc'"):
        metrics.compute("auc", FOUR)


def test_catalogue_knows_the_metrics_of_the_runtime() -> None:
    """Name, goal, tasks and needs are the same in what is checked and in what runs."""
    known = json.loads(CATALOGUE.read_text())
    here = {
        name: {"goal": metric.goal, "tasks": sorted(metric.tasks), "needs": metric.needs}
        for name, metric in metrics.METRICS.items()
    }
    said = {name: {key: entry[key] for key in ("goal", "tasks", "needs")} for name, entry in known.items()}
    assert here == {name: {**entry, "tasks": sorted(entry["tasks"])} for name, entry in said.items()}


def test_metrics_stay_within_their_ranges() -> None:
    """Guesses, perfect answers and their opposites: what the catalogue calls impossible does not occur."""
    known = json.loads(CATALOGUE.read_text())
    for name, given in ((name, given) for given in _extremes() for name in metrics.METRICS):
        if given.task in known[name]["ranges"] and (value := metrics.compute(name, given)) is not None:
            low, high = known[name]["ranges"][given.task]
            assert low is None or value >= low - 1e-12, (name, value)
            assert high is None or value <= high + 1e-12, (name, value)


def _extremes() -> list[Any]:
    """Outcomes of two classes, three classes and numbers that are right, wrong, and random."""
    random = np.random.default_rng(0)
    actual = np.array([0, 1] * 20)
    found = [binary(list(actual), list(score)) for score in (actual, 1 - actual, random.random(40), np.full(40, 0.5))]
    three = np.arange(30) % 3
    for score in (np.eye(3)[three], np.eye(3)[(three + 1) % 3], random.dirichlet([1, 1, 1], 30)):
        decided = np.argmax(score, axis=1)
        found.append(outcome.Outcome(task=outcome.MULTICLASS, classes=3, actual=three, score=score, decided=decided))
    numbers = random.random(30) + 0.1
    return found + [values(list(numbers), list(score)) for score in (numbers, numbers[::-1] * 9, np.full(30, 1e3))]
