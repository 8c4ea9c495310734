"""Write the catalogue from the libraries that are installed: ``python -m mlopsc.catalogue.generate``.

Needs scikit-learn, numpy and duckdb; the compiler itself needs none of them.
"""

from __future__ import annotations

import inspect
import json
import numbers
import sys
from collections.abc import Callable, MutableMapping, Sequence
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
_POSITIVE = [["number", 0.0, None, "neither"]]
_NOT_NEGATIVE = [["number", 0.0, None, "left"]]
_SHARE = [["number", 0.0, 1.0, "right"]]
_BOOSTING = {
    "n_estimators": {"kinds": ["integer"], "ranges": [["integer", 1, None, "left"]], "default": 100},
    "learning_rate": {"kinds": ["number"], "ranges": _POSITIVE},
    "max_depth": {"kinds": ["integer"]},
    "subsample": {"kinds": ["number"], "ranges": _SHARE},
    "colsample_bytree": {"kinds": ["number"], "ranges": _SHARE},
    "reg_alpha": {"kinds": ["number"], "ranges": _NOT_NEGATIVE},
    "reg_lambda": {"kinds": ["number"], "ranges": _NOT_NEGATIVE},
    "random_state": {"kinds": ["integer", "null"]},
    "n_jobs": {"kinds": ["integer", "null"]},
}
_LIGHTGBM = {
    "num_leaves": {"kinds": ["integer"], "ranges": [["integer", 2, 131072, "both"]], "default": 31},
    "min_child_samples": {"kinds": ["integer"], "ranges": [["integer", 0, None, "left"]]},
}
_XGBOOST = {
    "min_child_weight": {"kinds": ["number"], "ranges": _NOT_NEGATIVE},
    "gamma": {"kinds": ["number"], "ranges": _NOT_NEGATIVE},
}
OTHERS = {
    "lightgbm.LGBMClassifier": ("classifier", _BOOSTING | _LIGHTGBM),
    "lightgbm.LGBMRegressor": ("regressor", _BOOSTING | _LIGHTGBM),
    "xgboost.XGBClassifier": ("classifier", _BOOSTING | _XGBOOST),
    "xgboost.XGBRegressor": ("regressor", _BOOSTING | _XGBOOST),
}
_ERROR, _SHARED, _AGREEMENT, _EXPLAINED = (0, None), (0, 1), (-1, 1), (None, 1)
RANGES = {
    "brier_score": _SHARED,  # of two classes; see ranges()
    "cohen_kappa": _AGREEMENT,
    "explained_variance": _EXPLAINED,
    "matthews_corrcoef": _AGREEMENT,
    "r2": _EXPLAINED,
} | dict.fromkeys(
    ("log_loss", "mae", "mape", "max_error", "mean_pinball_loss", "medae", "mse", "rmse", "rmsle"), _ERROR
)
"""The smallest and the largest value of a metric, None where it is open; of those not named here, 0 and 1."""


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
            "missing": True,
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
        "missing": bool(cls().__sklearn_tags__().input_tags.allow_nan),
        "parameters": {name: _parameter(constraints.get(name), default) for name, default in defaults.items()},
    }


def _parameter(constraints: Any, default: Any) -> dict[str, Any]:
    kinds, options, ranges = set(), set(), []
    for constraint in map(_shown, constraints if isinstance(constraints, list) else ["any"]):
        words = getattr(constraint, "options", None)
        if words is not None and all(isinstance(word, str) for word in words):
            kinds.add("string")
            options |= set(words) - set(getattr(constraint, "deprecated", ()))
        else:
            kinds |= {kind for kind in [_kind(constraint)] if kind} | (
                {"null"} if constraint == "random_state" else set()
            )
            ranges += _range(constraint)
        if constraint is str:
            kinds.add("any")
    entry: dict[str, Any] = {"kinds": sorted(kinds)}
    if options and "any" not in kinds:
        entry["options"] = sorted(options)
    if "any" not in kinds and any(low is not None or high is not None for _, low, high, _ in ranges):
        entry["ranges"] = ranges
    if isinstance(default, bool | int | float | str) and default == default and abs(_size(default)) < float("inf"):  # noqa: PLR0124  (not a number)
        entry["default"] = default
    return entry


def _shown(constraint: Any) -> Any:
    """What a hidden constraint takes, although no documentation says so."""
    return getattr(constraint, "constraint", constraint)


def _size(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _kind(constraint: Any) -> str | None:
    """What YAML can write of it; None for functions and objects, which it cannot."""
    names = {"boolean": "boolean", "random_state": "integer", "array-like": "collection", "sparse matrix": "collection"}
    if constraint is None:
        return "null"
    if isinstance(constraint, str):
        return names.get(constraint, "any")
    if constraint in (dict, list, tuple, MutableMapping):
        return "collection"
    number = constraint if constraint in (numbers.Integral, numbers.Real) else getattr(constraint, "type", None)
    return {"Integral": "integer", "Real": "number", "RealNotInt": "number"}.get(getattr(number, "__name__", ""))


def _range(constraint: Any) -> list[list[Any]]:
    """The numbers that a constraint takes: whole, fraction (never whole) or any number; its ends; which belong."""
    if constraint in (numbers.Integral, numbers.Real):
        return [["integer" if constraint is numbers.Integral else "number", None, None, "neither"]]
    if constraint == "random_state":
        return [["integer", 0, 2**32 - 1, "both"]]
    number = getattr(constraint, "type", None)
    if number is None:
        return []
    if not hasattr(constraint, "left"):  # infinity, which stands for no limit
        return []
    kind = {"Integral": "integer", "RealNotInt": "fraction"}.get(number.__name__, "number")
    return [[kind, _end(constraint.left), _end(constraint.right), constraint.closed]]


def _end(value: Any) -> Any:
    """An end of an interval; None where it is open."""
    return None if value is None or abs(value) == float("inf") else value


def ranges(name: str, tasks: Sequence[str]) -> dict[str, Any]:
    """The smallest and the largest value of a metric by task; Brier's score of many classes is a sum up to 2."""
    low, high = RANGES.get(name, _SHARED)
    wide = name == "brier_score"
    return {task: [low, 2 if wide and task.startswith("multi") else high] for task in tasks}


def metrics() -> dict[str, Any]:
    """The metrics of the runtime, from its own table."""
    sys.path.insert(0, str(TEMPLATES))
    table = import_module("mlops.runtime.train.metrics").METRICS
    return {
        name: {"goal": metric.goal, "tasks": list(metric.tasks), "needs": metric.needs}
        | {"ranges": ranges(name, metric.tasks)}
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


def arguments() -> dict[str, Any]:
    """How many arguments each of DuckDB's functions takes: the fewest, and the most (None: any number)."""
    duckdb = import_module("duckdb")
    query = """
        SELECT function_name, min(len(parameters)), CASE WHEN count(varargs) = 0 THEN max(len(parameters)) END
        FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate') GROUP BY ALL ORDER BY ALL
    """
    names = known_functions()
    return {name: [least, most] for name, least, most in duckdb.sql(query).fetchall() if name in names}


def known_functions() -> set[str]:
    """The names in ``functions.json``."""
    return {name for names in functions().values() for name in names}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "estimators.json": estimators,
    "metrics.json": metrics,
    "functions.json": functions,
    "arguments.json": arguments,
}


def rendered(name: str) -> str:
    """The text of one part of the catalogue, as the installed libraries have it."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in PARTS[name]().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    for part in PARTS:
        (HERE / part).write_text(rendered(part), encoding="utf-8")
