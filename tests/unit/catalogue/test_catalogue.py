"""The catalogue says what the libraries say."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mlopsc.catalogue import Range, estimators, exports, functions, generate, latencies, latency, metrics


@pytest.mark.parametrize("part", ["metrics.json", "estimators.json"])
def test_catalogue_is_current(part: str) -> None:
    """Generating a part again gives what is there, as far as the installed libraries go."""
    written = json.loads((Path(generate.__file__).parent / part).read_text())
    now = json.loads(generate.rendered(part))
    assert sorted(written) == sorted(now)
    if part == "metrics.json":
        assert written == now


def test_catalogue_knows_an_estimator() -> None:
    """Kind, family, and what its parameters take."""
    found = estimators()["sklearn.ensemble.HistGradientBoostingClassifier"]
    assert (found.kind, found.family, found.sample_weight) == ("classifier", "hist-gradient-boosting", True)
    assert found.parameters["max_iter"].kinds == ("integer",)
    assert found.parameters["max_iter"].default == 100
    assert found.parameters["early_stopping"].options == ("auto",)


CONSTRAINTS = "_parameter_constraints"
TRIED = [-1, -0.5, 0, 0.0, 0.5, 1, 1.0, 1.5, 2, 10**9, None, "nonsense", "auto", [1], {"a": 1}]


def test_parameters_take_what_scikit_learn_takes() -> None:
    """Its own validation and the catalogue agree on every value, but for what a list or a mapping may contain."""
    validation = import_module("sklearn.utils._param_validation")
    different = []
    for path, estimator in estimators().items():
        module, _, name = path.rpartition(".")
        known = getattr(getattr(import_module(module), name), CONSTRAINTS) if module.startswith("sklearn") else {}
        for parameter, said in estimator.parameters.items():
            for value in TRIED if isinstance(known.get(parameter), list) else ():
                refused = _refused(validation, {parameter: known[parameter]}, {parameter: value})
                open_ended = "any" in said.kinds or ("collection" in said.kinds and isinstance(value, list | dict))
                if refused == said.takes(value) and not (refused and open_ended):
                    different.append((path, parameter, value))
    assert different == []


def _refused(validation: Any, known: dict[str, Any], given: dict[str, Any]) -> bool:
    try:
        validation.validate_parameter_constraints(known, given, "estimator")
    except validation.InvalidParameterError:
        return True
    return False


@pytest.mark.parametrize(
    ("range_", "words"),
    [
        (Range(kind="integer", low=1, high=None, closed="left"), "a whole number of at least 1"),
        (Range(kind="fraction", low=0, high=1, closed="right"), "a number above 0 and at most 1"),
        (Range(kind="number", low=None, high=1, closed="neither"), "a number below 1"),
        (Range(kind="number", low=None, high=None, closed="neither"), "a number"),
    ],
)
def test_range_says_what_it_takes(range_: Range, words: str) -> None:
    """In words that a person reads, ends included or not."""
    assert str(range_) == words


def test_measured_parts_say_how_they_were_measured() -> None:
    """Every estimator of scikit-learn has been exported and timed, by the versions that stand beside the figures."""
    folder = Path(generate.__file__).parent
    own = [path for path in estimators() if path.startswith("sklearn.")]
    onnx, timed = (json.loads((folder / name).read_text()) for name in ("onnx.json", "latency.json"))
    assert (list(onnx["exports"]), list(timed["fastest"])) == (own, own)
    assert (onnx["how"], onnx["versions"]["skl2onnx"]) == (
        "fitted on 120 rows of 4 numbers, converted, run, and compared",
        "1.20.0",
    )
    assert timed["how"] == "fastest of 60 single rows through the generated Scorer, smallest model, in milliseconds"
    assert exports()["sklearn.neighbors.NearestCentroid"] is False
    assert [count for count, _ in latencies()["sklearn.ensemble.RandomForestClassifier"]] == [2, 10, 100]


def test_fastest_prediction_can_be_measured_again() -> None:
    """The script still runs the generated scorer; a linear model answers sooner than a tenth of a second."""
    entry = json.loads((Path(generate.__file__).parent / "estimators.json").read_text())
    path = "sklearn.linear_model.Ridge"
    sys.path.insert(0, str(latency.TEMPLATES))
    assert 0 < latency.fastest(path, entry[path], 2) < 100


def test_catalogue_knows_metrics_and_functions() -> None:
    """Which direction is better, for which tasks, and what DuckDB can compute."""
    assert metrics()["rmse"].goal == "minimize"
    assert metrics()["roc_auc"].tasks == ("binary-classification", "multiclass-classification")
    assert (functions()["strftime"], functions()["quantile_cont"]) == ("scalar", "aggregate")


def test_reading_the_catalogue_imports_no_library() -> None:
    """The compiler runs where none of them is installed."""
    script = (
        "import sys; from mlopsc.catalogue import estimators, functions, metrics; estimators(); functions(); metrics();"
        "print(sorted({'sklearn', 'numpy', 'duckdb', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
