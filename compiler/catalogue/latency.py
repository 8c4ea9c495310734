"""Measure how fast one prediction can be at best: ``python -m mlopsc.catalogue.latency``.

Each estimator is fitted as small as its parameters allow (one tree, one iteration) on a small table of numbers, and
asked for one row at a time by the ``Scorer`` of the generated code, as the gate ``latency_p95`` does: features to
input, input to score, score to decision; without HTTP, preparation or windows. ``latency.json`` keeps the fastest of
all calls, in milliseconds, by estimator and number of features. Needs what the generated code imports; the compiler
itself needs none of it.
"""

from __future__ import annotations

import json
import platform
import sys
import time
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[1] / "templates" / "python"
ROWS = 400
CALLS = 60
FEATURES = (2, 10, 100)
SMALLEST = {"n_estimators": 1, "max_iter": 1, "max_depth": 1, "max_leaf_nodes": 2, "hidden_layer_sizes": [1]}
"""Parameters that make a prediction as cheap as it can be; an iteration that does not converge costs the same."""
TOOLS = ("scikit-learn", "numpy", "threadpoolctl")


def measured() -> dict[str, Any]:
    """The fastest prediction of each estimator of the catalogue that is installed here."""
    sys.path.insert(0, str(TEMPLATES))
    known = json.loads((HERE / "estimators.json").read_text(encoding="utf-8"))
    return {
        "how": f"fastest of {CALLS} single rows through the generated Scorer, smallest model, in milliseconds",
        "machine": f"{platform.machine()}, Python {platform.python_version()}, one thread",
        "versions": {tool: version(tool) for tool in TOOLS},
        "features": FEATURES,
        "fastest": {
            path: [fastest(path, entry, count) for count in FEATURES]
            for path, entry in known.items()
            if path.startswith("sklearn.")
        },
    }


def fastest(path: str, entry: dict[str, Any], count: int) -> float:
    """Milliseconds that the fastest of many single predictions takes, with so many features."""
    numpy = import_module("numpy")
    scorer = _scorer(path, entry, count)
    rows = [{f"x{i}": float(value) for i, value in enumerate(row)} for row in numpy.eye(CALLS, count) + 1.0]
    best = float("inf")
    for row in rows:
        started = time.perf_counter()
        scorer.decide(scorer.score_row(row))
        best = min(best, time.perf_counter() - started)
    return round(best * 1000, 4)


def _scorer(path: str, entry: dict[str, Any], count: int) -> Any:
    """The generated code's own scorer of the smallest such model."""
    numpy, scoring = import_module("numpy"), import_module("mlops.runtime.train.scorer")
    encoder = import_module("mlops.runtime.train.encode").Encoder(
        names=tuple(f"x{i}" for i in range(count)), vocabulary={}
    )
    module, _, name = path.rpartition(".")
    x = numpy.abs(numpy.random.default_rng(0).normal(size=(ROWS, count))).round(0 if name == "CategoricalNB" else 6)
    y = x.sum(axis=1) + 0.1
    classes = entry["kind"] == "classifier"
    smallest = {key: value for key, value in SMALLEST.items() if key in entry["parameters"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(import_module(module), name)(**smallest)
        pipeline = import_module("sklearn.pipeline").Pipeline([("estimator", model)])
        pipeline.fit(x, (y > numpy.median(y)).astype(numpy.int64) if classes else y)
    card = scoring.Card(
        model="m",
        task="binary-classification" if classes else "regression",
        encoder=encoder,
        classes=(0, 1) if classes else (),
        threshold=0.5 if classes else None,
        estimator=path,
        params={},
        seed=0,
        trusted=(),
        seen={},
    )
    return scoring.Scorer(card, pipeline)


def rendered(found: dict[str, Any]) -> str:
    """The text of ``latency.json``."""
    times = [f"{json.dumps(path)}: {json.dumps(taken)}" for path, taken in found["fastest"].items()]
    head = [f"{json.dumps(key)}: {json.dumps(found[key])}" for key in ("how", "machine", "versions", "features")]
    return "{\n" + ",\n".join([*head, '"fastest": {\n' + ",\n".join(times) + "\n}"]) + "\n}\n"


if __name__ == "__main__":
    (HERE / "latency.json").write_text(rendered(measured()), encoding="utf-8")
