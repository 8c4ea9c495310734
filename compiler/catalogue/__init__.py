"""What the compiler knows of estimators, metrics and SQL functions without importing them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from ..records import record


@record
class Metric:
    """A metric that the generated code computes."""

    name: str
    goal: str  # maximize | minimize
    tasks: tuple[str, ...]
    needs: str  # score | decision
    ranges: Mapping[str, tuple[float | None, float | None]]  # by task: the smallest and the largest value


@record
class Range:
    """The numbers between two ends (None: open); ``fraction`` takes no whole ones, as where 1 means one row."""

    kind: str  # integer | number | fraction
    low: float | None
    high: float | None
    closed: str  # left | right | both | neither

    def holds(self, value: float) -> bool:
        """Whether ``value`` is one of them."""
        if isinstance(value, int) if self.kind == "fraction" else self.kind == "integer" and not isinstance(value, int):
            return False
        above = self.low is None or value > self.low or (value == self.low and self.closed in ("left", "both"))
        return above and (
            self.high is None or value < self.high or (value == self.high and self.closed in ("right", "both"))
        )

    def __str__(self) -> str:
        """In words: ``a whole number of at least 1``, ``a number above 0 and at most 1``."""
        ends = []
        if self.low is not None:
            ends.append(f"{'at least' if self.closed in ('left', 'both') else 'above'} {_number(self.low)}")
        if self.high is not None:
            ends.append(f"{'at most' if self.closed in ('right', 'both') else 'below'} {_number(self.high)}")
        words = "a whole number" if self.kind == "integer" else "a number"
        return " ".join([words, *(["of"] if ends[:1] and ends[0].startswith("at") else []), " and ".join(ends)]).strip()


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


@record
class Parameter:
    """What one parameter of an estimator takes: kinds of values, words, and the ranges of its numbers."""

    kinds: tuple[str, ...]  # integer | number | boolean | null | string | collection | any
    options: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    default: Any = None

    def takes(self, value: Any) -> bool:
        """Whether the library accepts this value of YAML."""
        kinds = set(self.kinds)
        if "any" in kinds:
            return True
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._counts(value)
        if isinstance(value, str):
            return "string" in kinds and (not self.options or value in self.options)
        return ("boolean" if isinstance(value, bool) else "null" if value is None else "collection") in kinds

    def _counts(self, value: float) -> bool:
        """Whether this number is taken; infinity is, by whatever takes numbers: where it means no limit."""
        if not set(self.kinds) & ({"integer", "number"} if isinstance(value, int) else {"number"}):
            return False
        return not self.ranges or not isfinite(value) or any(known.holds(value) for known in self.ranges)


@record
class Estimator:
    """A class that learns, by its import path; ``closed`` ones take the listed parameters and no other."""

    path: str
    kind: str  # classifier | regressor
    family: str
    parameters: Mapping[str, Parameter]
    sample_weight: bool
    missing: bool  # whether it takes missing values as they are
    closed: bool

    @property
    def package(self) -> str:
        """The import name of the library that it comes from."""
        return self.path.partition(".")[0]


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by its name."""
    return {
        name: Metric(
            name=name,
            goal=entry["goal"],
            tasks=tuple(entry["tasks"]),
            needs=entry["needs"],
            ranges={task: (low, high) for task, (low, high) in entry["ranges"].items()},
        )
        for name, entry in _read("metrics.json").items()
    }


@cache
def estimators() -> Mapping[str, Estimator]:
    """Every estimator by its import path."""
    return {path: _estimator(path, entry) for path, entry in _read("estimators.json").items()}


@cache
def argument_counts() -> Mapping[str, tuple[int, int | None]]:
    """How many arguments each function of DuckDB takes: the fewest, and the most (None: any number)."""
    return {name: (least, most) for name, (least, most) in _read("arguments.json").items()}


@cache
def functions() -> Mapping[str, str]:
    """Every function of DuckDB by its name: ``scalar``, ``macro``, ``aggregate`` or ``table``."""
    return {name: kind for kind, names in _read("functions.json").items() for name in names}


@cache
def exports() -> Mapping[str, bool]:
    """Whether an estimator was found to go to ONNX and answer the same there; of those not named nobody knows."""
    found: Mapping[str, bool] = _read("onnx.json")["exports"]
    return found


Latency = tuple[tuple[int, float], ...]
"""Numbers of features, rising, each with the milliseconds that one prediction takes at best."""


@cache
def latencies() -> Mapping[str, Latency]:
    """How fast the smallest model of an estimator was measured to answer."""
    found = _read("latency.json")
    return {path: tuple(zip(found["features"], taken, strict=True)) for path, taken in found["fastest"].items()}


def _estimator(path: str, entry: Mapping[str, Any]) -> Estimator:
    return Estimator(
        path=path,
        kind=entry["kind"],
        family=entry["family"],
        parameters={name: _parameter(taken) for name, taken in entry["parameters"].items()},
        sample_weight=entry["sample_weight"],
        missing=entry["missing"],
        closed=entry["closed"],
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    ranges = (
        Range(kind=kind, low=low, high=high, closed=closed) for kind, low, high, closed in entry.get("ranges", ())
    )
    return Parameter(
        kinds=tuple(entry["kinds"]),
        options=tuple(entry.get("options", ())),
        ranges=tuple(ranges),
        default=entry.get("default"),
    )


def _read(name: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
