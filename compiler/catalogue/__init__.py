"""What the compiler knows of estimators, metrics and SQL functions without importing them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric that the generated code computes."""

    name: str
    goal: str  # maximize | minimize
    tasks: tuple[str, ...]
    needs: str  # score | decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What one parameter of an estimator takes: kinds of values, words, and the bounds of its numbers."""

    kinds: tuple[str, ...]  # integer | number | boolean | null | string | any
    options: tuple[str, ...] = ()
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """A class that learns, by its import path; ``closed`` ones take the listed parameters and no other."""

    path: str
    kind: str  # classifier | regressor
    family: str
    parameters: Mapping[str, Parameter]
    sample_weight: bool
    closed: bool

    @property
    def package(self) -> str:
        """The import name of the library that it comes from."""
        return self.path.partition(".")[0]


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by its name."""
    return {
        name: Metric(name=name, goal=entry["goal"], tasks=tuple(entry["tasks"]), needs=entry["needs"])
        for name, entry in _read("metrics.json").items()
    }


@cache
def estimators() -> Mapping[str, Estimator]:
    """Every estimator by its import path."""
    return {path: _estimator(path, entry) for path, entry in _read("estimators.json").items()}


@cache
def functions() -> Mapping[str, str]:
    """Every function of DuckDB by its name: ``scalar``, ``macro``, ``aggregate`` or ``table``."""
    return {name: kind for kind, names in _read("functions.json").items() for name in names}


def _estimator(path: str, entry: Mapping[str, Any]) -> Estimator:
    return Estimator(
        path=path,
        kind=entry["kind"],
        family=entry["family"],
        parameters={name: _parameter(taken) for name, taken in entry["parameters"].items()},
        sample_weight=entry["sample_weight"],
        closed=entry["closed"],
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    return Parameter(kinds=tuple(entry["kinds"]), options=tuple(entry.get("options", ())), default=entry.get("default"))


def _read(name: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
