"""``monitors``: scheduled checks of models in production."""

from __future__ import annotations

from ..records import record
from ..source import YamlPath
from .values import Duration, Reference, Schedule

KINDS = ("data-drift", "prediction-drift", "performance", "data-quality", "service")


@record
class Monitor:
    """One monitor, names not yet looked up."""

    name: str
    path: YamlPath
    model: Reference
    kind: str
    schedule: Schedule
    window: Duration
    on_breach: tuple[Reference, ...]  # alert | retrain
    columns: tuple[Reference, ...] | None = None  # None: all
    method: str = "psi"
    threshold: float = 0.2
    metric: Reference | None = None
    min: float | None = None
    max: float | None = None
    labels: Reference | None = None
    min_rows: int = 100
    breaches: tuple[int, int] = (1, 1)
    cooldown: Duration | None = None
    latency_p99: float | None = None  # seconds
    error_rate: float | None = None  # fraction
    description: str = ""
