"""The catalogue says what the libraries say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlopsc.catalogue import estimators, functions, generate, metrics


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
