"""What ``/metrics`` shows, in the text format of Prometheus: three instruments need no client library."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from ..features.store_values import StoredSet

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds of the latency histogram, in seconds."""


@dataclass(slots=True, kw_only=True)
class Latency:
    """How often and how long one route was answered with one status."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one answer."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True, kw_only=True)
class Telemetry:
    """The counters of one process."""

    model: str
    version: str
    predictions: int = 0
    _routes: dict[tuple[str, int], Latency] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        with self._lock:
            self._routes.setdefault((route, status), Latency()).add(seconds)

    def predicted(self, count: int) -> None:
        """Count predictions; a batch request makes many."""
        with self._lock:
            self.predictions += count

    def text(self, log: dict[str, int]) -> str:
        """Everything as Prometheus reads it; ``log`` holds the counters of the prediction log."""
        with self._lock:
            routes = {key: (list(item.counts), item.total) for key, item in sorted(self._routes.items())}
            predictions = self.predictions
        lines = _head("mlops_model_info", "gauge", "The model that answers.")
        lines.append(f'mlops_model_info{{model="{self.model}",version="{self.version}"}} 1')
        lines += [
            *_head("mlops_predictions_total", "counter", "Predictions made."),
            f"mlops_predictions_total {predictions}",
        ]
        lines += _head("mlops_requests_total", "counter", "Requests answered.")
        lines += [f"mlops_requests_total{_labels(key)} {sum(counts)}" for key, (counts, _) in routes.items()]
        lines += _head("mlops_request_seconds", "histogram", "Time to answer a request.")
        for key, (counts, total) in routes.items():
            lines += _histogram(key, counts, total)
        for name, value in log.items():
            kind = "gauge" if name == "pending" else "counter"
            suffix = "" if name == "pending" else "_total"
            full = f"mlops_prediction_log_{name}{suffix}"
            lines += [*_head(full, kind, f"Prediction log: {name}."), f"{full} {value}"]
        return "\n".join(lines) + "\n"


def online_text(sets: Sequence[StoredSet]) -> str:
    """What became of the stored features, as Prometheus reads it: how old they are, and how often there was none."""
    if not sets:
        return ""
    lines = _head(
        "mlops_online_as_of_seconds", "gauge", "Unix time that the newest stored value read so far describes."
    )
    for one in sets:
        if one.as_of is not None:
            moment = one.as_of.replace(tzinfo=UTC).timestamp()
            lines.append(f'mlops_online_as_of_seconds{{set="{one.name}"}} {moment:.0f}')
    lines += _head("mlops_online_unreachable_total", "counter", "Times that the online store did not answer.")
    lines += [f'mlops_online_unreachable_total{{set="{one.name}"}} {one.unreachable}' for one in sets]
    lines += _head("mlops_online_missing_total", "counter", "Stored values that were not there, or too old.")
    for one in sets:
        lines += [
            f'mlops_online_missing_total{{set="{one.name}",feature="{_escaped(feature)}"}} {count}'
            for feature, count in sorted(one.missing.items())
        ]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _histogram(key: tuple[str, int], counts: list[int], total: float) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
        so_far += count
        lines.append(f"mlops_request_seconds_bucket{_labels(key, bound)} {so_far}")
    lines.append(f"mlops_request_seconds_sum{_labels(key)} {total:.6f}")
    lines.append(f"mlops_request_seconds_count{_labels(key)} {so_far}")
    return lines


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _labels(key: tuple[str, int], bound: str | None = None) -> str:
    extra = "" if bound is None else f',le="{bound}"'
    return f'{{route="{key[0]}",status="{key[1]}"{extra}}}'
