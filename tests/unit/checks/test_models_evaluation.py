"""How a model is prepared, divided, measured, exported and timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlopsc.checks.models import slice_too_fine
from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]
Place = tuple[str, int, int, str]

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: departed_at
    columns:
      flight_id: string
      departed_at: timestamp
      carrier: string
      weather: {type: string, max_distinct: 400}
      distance: float
      gate: {type: float, max_distinct: 30}
      seats: integer?
      late: boolean
models:
  late-arrival:
    label: late
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("evaluate: {slices: [carrier]}", []),
        ("evaluate: {slices: [weather]}", [("MLC416", 19, 25, "'weather' has too many values to be a slice")]),
        ("evaluate: {slices: [distance, gate]}", [("MLC416", 19, 25, "'distance' has too many values to be a slice")]),
        (
            "evaluate: {slices: [flight_id, departed_at]}",
            [
                ("MLC416", 19, 25, "'flight_id' has too many values to be a slice"),
                ("MLC416", 19, 36, "'departed_at' has too many values to be a slice"),
            ],
        ),
        ("evaluate: {slices: [seats, late]}", []),
        (
            'evaluate: {business: {worth: "count(*)"}}',
            [("MLC419", 19, 34, "the business metric 'worth' is the same for every model")],
        ),
        ('evaluate: {business: {worth: "sum(distance) filter (where prediction)"}}', []),
        ('evaluate: {business: {worth: "avg(case when Score > 1 then 1 end)"}}', []),
        (
            'evaluate: {business: {worth: "sum(distanc)"}}',
            [("MLC203", 19, 39, "unknown column 'distanc' in model 'late-arrival'")],
        ),
        ("evaluate: {business: {worth: 3}}", []),
        ("split: {test: 0}", [("MLC409", 19, 13, "model 'late-arrival' has no rows to be tested on")]),
        ("split: {validation: 0%}", []),
        (
            "split: {validation: 0}\n    tune: {metric: roc_auc, space: {max_iter: {int: [50, 200]}}}",
            [("MLC409", 19, 13, "model 'late-arrival' searches for parameters on validation rows, and has none")],
        ),
        (
            "split: {validation: 0}\n    decision: {threshold: {maximize: f1}}",
            [("MLC409", 19, 13, "model 'late-arrival' chooses its threshold on validation rows, and has none")],
        ),
        ("split: {validation: broken}", []),
        (
            "preprocess: {distance: {encode: onehot}}",
            [("MLC425", 19, 29, "'distance' is a float, and each of its values becomes a category")],
        ),
        ("preprocess: {gate: {encode: target}}", []),
        ("preprocess: {seats: {encode: ordinal}}", []),
        ("preprocess: {distance: {encode: broken}}", []),
        ("preprocess: {seats: {impute: none}}", []),
    ],
)
def test_evaluation_says_something_of_the_model(diagnosed: Diagnose, rest: str, expected: list[Place]) -> None:
    """Slices with few values, business metrics that read an answer, rows to be tested on, categories that repeat."""
    assert told(diagnosed(f"{SPEC}    {rest}\n")) == expected


@pytest.mark.parametrize(
    ("estimator", "rest", "expected"),
    [
        ("sklearn.ensemble.HistGradientBoostingClassifier", "deploy: {edge: {format: onnx}}", []),
        (
            "sklearn.neighbors.NearestCentroid",
            "deploy: {edge: {format: onnx}}",
            [
                (
                    "MLC420",
                    "'NearestCentroid' cannot be exported as onnx",
                    "use sklearn.neighbors.KNeighborsClassifier, or leave 'edge' out",
                )
            ],
        ),
        (
            "sklearn.gaussian_process.GaussianProcessClassifier",
            "deploy: {edge: {format: onnx}}",
            [
                (
                    "MLC420",
                    "'GaussianProcessClassifier' cannot be exported as onnx",
                    "use sklearn.svm.LinearSVC, or leave 'edge' out",
                )
            ],
        ),
        ("lightgbm.LGBMClassifier", "deploy: {edge: {format: onnx}}", []),
        ("sklearn.neighbors.NearestCentroid", "deploy: {edge: 3}", []),
    ],
)
def test_edge_takes_what_was_exported(
    diagnosed: Diagnose, estimator: str, rest: str, expected: list[tuple[str, str, str]]
) -> None:
    """What was never tried is left to the export itself."""
    text = SPEC.replace("sklearn.ensemble.HistGradientBoostingClassifier", estimator)
    found = [one for one in diagnosed(f"{text}    {rest}\n") if not one.code.startswith("MLC1")]
    assert [(one.code, one.message, one.help) for one in found] == expected


@pytest.mark.parametrize(
    ("estimator", "rest", "expected"),
    [
        (
            "sklearn.ensemble.RandomForestClassifier",
            "gates: [{latency_p95: 0.05ms}]",
            [("MLC421", "'RandomForestClassifier' does not answer within 0.05ms", "write: latency_p95: 2ms")],
        ),
        ("sklearn.ensemble.RandomForestClassifier", "gates: [{latency_p95: 0.1ms}]", []),
        ("sklearn.ensemble.RandomForestClassifier", "gates: [{latency_p95: 1ms}]", []),
        ("lightgbm.LGBMClassifier", "gates: [{latency_p95: 0.001ms}]", []),
        ("sklearn.ensemble.RandomForestClassifier", "gates: [{latency_p95: fast}]", []),
    ],
)
def test_latency_is_one_that_some_machine_reaches(
    diagnosed: Diagnose, estimator: str, rest: str, expected: list[tuple[str, str, str]]
) -> None:
    """Below a third of what the smallest such model took; what was not measured may do anything."""
    text = SPEC.replace("sklearn.ensemble.HistGradientBoostingClassifier", estimator)
    found = [one for one in diagnosed(f"{text}    {rest}\n") if not one.code.startswith("MLC1")]
    assert [(one.code, one.message, one.help) for one in found] == expected


@pytest.mark.parametrize(
    ("estimator", "rest", "expected"),
    [
        (
            "sklearn.linear_model.LogisticRegression",
            "preprocess: {seats: {impute: none}}",
            [("MLC410", "'seats' may be null, and 'LogisticRegression' takes no nulls", "write: impute: median")],
        ),
        ("sklearn.ensemble.HistGradientBoostingClassifier", "preprocess: {seats: {impute: none}}", []),
        ("sklearn.linear_model.LogisticRegression", "preprocess: {distance: {impute: none}}", []),
        ("sklearn.linear_model.LogisticRegression", "preprocess: {carrier: {impute: none}}", []),
    ],
)
def test_gaps_are_filled_where_the_estimator_takes_none(
    diagnosed: Diagnose, estimator: str, rest: str, expected: list[tuple[str, str, str]]
) -> None:
    """A feature that may be null, and no imputation by name."""
    text = SPEC.replace("sklearn.ensemble.HistGradientBoostingClassifier", estimator)
    found = [one for one in diagnosed(f"{text}    {rest}\n") if not one.code.startswith("MLC1")]
    assert [(one.code, one.message, one.help) for one in found] == expected


def test_function_of_ones_own_is_not_exported(diagnosed: Diagnose) -> None:
    """What it returns is known when it ran; the finding names the place of the entrypoint."""
    text = SPEC.replace(
        "estimator: sklearn.ensemble.HistGradientBoostingClassifier", 'entrypoint: "birds.training:train"'
    )
    found = [one for one in diagnosed(f"{text}    deploy: {{edge: {{format: onnx}}}}\n") if one.code == "MLC420"]
    assert [(one.message, one.related[0].span.line) for one in found] == [
        ("what a function of your own returns cannot be exported as onnx", 18)
    ]


def test_slices_are_as_many_as_the_evaluation_measures(repository: Path) -> None:
    """The bound of the check is the one of the step."""
    text = (repository / "templates/python/mlops/runtime/train/evaluate.py").read_text()
    assert f"MOST_SLICES = {slice_too_fine.MOST}\n" in text
