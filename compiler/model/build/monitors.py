"""``monitors`` from plain data."""

from __future__ import annotations

from ..monitors import Monitor
from ..values import Duration
from .reader import BrokenDefinitionError, Node
from .units import duration, fraction, seconds

DEFAULT_WINDOW = "1d"
THRESHOLDS = {"psi": 0.2}
OTHER_THRESHOLD = 0.1


def monitor(node: Node) -> Monitor:
    """One monitor."""
    schedule = node.schedule("schedule")
    if schedule is None:
        raise BrokenDefinitionError
    kind = node.need("kind")
    method = node.get("method", "psi")
    every = node.get("columns", "all") == "all"
    metric = node.need_reference("metric") if kind == "performance" else node.reference("metric")
    return Monitor(
        name=str(node.path[-1]),
        path=node.path,
        model=node.need_reference("model"),
        kind=kind,
        schedule=schedule,
        window=_window(node),
        on_breach=node.references("on_breach"),
        columns=None if every else node.references("columns"),
        method=method,
        threshold=float(node.get("threshold", THRESHOLDS.get(method, OTHER_THRESHOLD))),
        metric=metric,
        min=node.get("min"),
        max=node.get("max"),
        labels=node.reference("labels"),
        min_rows=node.get("min_rows", 100),
        breaches=_breaches(node.get("breaches", "1 of 1")),
        cooldown=node.duration("cooldown"),
        latency_p99=seconds(node.need("latency_p99")) if node.has("latency_p99") else None,
        error_rate=fraction(node.need("error_rate")) if node.has("error_rate") else None,
        description=node.get("description", ""),
    )


def _window(node: Node) -> Duration:
    return duration(node.get("window", DEFAULT_WINDOW))


def _breaches(text: str) -> tuple[int, int]:
    needed, _, windows = text.partition(" of ")
    return int(needed), int(windows)
