"""Write the catalogue from the libraries that are installed: ``python -m mlopsc.catalogue.generate``.

Needs scikit-learn, numpy and duckdb; the compiler itself needs none of them.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[1] / "templates" / "python"
FAMILIES = {
    "sklearn.linear_model": "linear",
    "sklearn.discriminant_analysis": "linear",
    "sklearn.neighbors": "neighbours",
    "sklearn.svm": "kernel",
    "sklearn.gaussian_process": "kernel",
    "sklearn.kernel_ridge": "kernel",
    "sklearn.neural_network": "neural",
    "sklearn.naive_bayes": "bayes",
    "sklearn.tree": "trees",
    "sklearn.ensemble": "trees",
    "sklearn.dummy": "dummy",
}
# Libraries that are not installed where this runs: what their own reference lists first. Both take further
# parameters, so their lists stay open.
_BOOSTING = {
    "n_estimators": {"kinds": ["integer"], "default": 100},
    "learning_rate": {"kinds": ["number"]},
    "max_depth": {"kinds": ["integer"]},
    "subsample": {"kinds": ["number"]},
    "colsample_bytree": {"kinds": ["number"]},
    "reg_alpha": {"kinds": ["number"]},
    "reg_lambda": {"kinds": ["number"]},
    "random_state": {"kinds": ["integer", "null"]},
    "n_jobs": {"kinds": ["integer", "null"]},
}
_LIGHTGBM = {"num_leaves": {"kinds": ["integer"], "default": 31}, "min_child_samples": {"kinds": ["integer"]}}
_XGBOOST = {"min_child_weight": {"kinds": ["number"]}, "gamma": {"kinds": ["number"]}}
OTHERS = {
    "lightgbm.LGBMClassifier": ("classifier", _BOOSTING | _LIGHTGBM),
    "lightgbm.LGBMRegressor": ("regressor", _BOOSTING | _LIGHTGBM),
    "xgboost.XGBClassifier": ("classifier", _BOOSTING | _XGBOOST),
    "xgboost.XGBRegressor": ("regressor", _BOOSTING | _XGBOOST),
}


def estimators() -> dict[str, Any]:
    """Every classifier and regressor that can be made without arguments and learns one label."""
    all_estimators = import_module("sklearn.utils").all_estimators
    found = {}
    for kind in ("classifier", "regressor"):
        for _, cls in all_estimators(type_filter=kind):
            path = _public_path(cls)
            if _usable(cls) and path.rpartition(".")[0] in FAMILIES:
                found[path] = _entry(cls, kind, path)
    for path, (kind, parameters) in OTHERS.items():
        found[path] = {
            "kind": kind,
            "family": "boosting",
            "closed": False,
            "sample_weight": True,
            "parameters": parameters,
        }
    return dict(sorted(found.items()))


def _public_path(cls: type) -> str:
    return f"{'.'.join(takewhile(lambda part: not part.startswith('_'), cls.__module__.split('.')))}.{cls.__name__}"


def _usable(cls: type) -> bool:
    if "Multi" in cls.__name__ or cls.__name__ in ("PLSRegression", "IsotonicRegression", "RadiusNeighborsClassifier"):
        return False
    parameters = list(inspect.signature(cls).parameters.values())
    return all(parameter.default is not parameter.empty for parameter in parameters)


def _entry(cls: Any, kind: str, path: str) -> dict[str, Any]:
    constraints = getattr(cls, "_parameter_constraints", {})
    defaults = {name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()}
    hist = cls.__name__.startswith("HistGradientBoosting")
    return {
        "kind": kind,
        "family": "hist-gradient-boosting" if hist else FAMILIES[path.rpartition(".")[0]],
        "closed": True,
        "sample_weight": "sample_weight" in inspect.signature(cls.fit).parameters,
        "parameters": {name: _parameter(constraints.get(name), default) for name, default in defaults.items()},
    }


def _parameter(constraints: Any, default: Any) -> dict[str, Any]:
    kinds, options = set(), set()
    for constraint in constraints if isinstance(constraints, list) else ["any"]:
        words = getattr(constraint, "options", None)
        if words is not None and all(isinstance(word, str) for word in words):
            kinds.add("string")
            options |= set(words) - set(getattr(constraint, "deprecated", ()))
        else:
            kinds.add(_kind(constraint))
    entry: dict[str, Any] = {"kinds": sorted(kinds)}
    if options and "any" not in kinds:
        entry["options"] = sorted(options)
    if isinstance(default, bool | int | float | str) and default == default and abs(_size(default)) < float("inf"):  # noqa: PLR0124  (not a number)
        entry["default"] = default
    return entry


def _size(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _kind(constraint: Any) -> str:
    number = getattr(constraint, "type", None)
    names = {"boolean": "boolean", "verbose": "any", "random_state": "integer"}
    if constraint is None:
        return "null"
    if isinstance(constraint, str):
        return names.get(constraint, "any")
    if number is not None:
        return {"Integral": "integer", "Real": "number", "RealNotInt": "number"}.get(number.__name__, "any")
    return "any"


def metrics() -> dict[str, Any]:
    """The metrics of the runtime, from its own table."""
    sys.path.insert(0, str(TEMPLATES))
    table = import_module("mlops.runtime.train.metrics").METRICS
    return {
        name: {"goal": metric.goal, "tasks": list(metric.tasks), "needs": metric.needs}
        for name, metric in sorted(table.items())
    }


def functions() -> dict[str, Any]:
    """DuckDB's functions by kind."""
    duckdb = import_module("duckdb")
    query = "SELECT DISTINCT function_type, function_name FROM duckdb_functions() ORDER BY ALL"
    found: dict[str, list[str]] = {}
    for kind, name in duckdb.sql(query).fetchall():
        if name.isidentifier() and not name.startswith("__") and kind in ("scalar", "macro", "aggregate"):
            found.setdefault(kind, []).append(name)
    return found


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "estimators.json": estimators,
    "metrics.json": metrics,
    "functions.json": functions,
}


def rendered(name: str) -> str:
    """The text of one part of the catalogue, as the installed libraries have it."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in PARTS[name]().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    for part in PARTS:
        (HERE / part).write_text(rendered(part), encoding="utf-8")
