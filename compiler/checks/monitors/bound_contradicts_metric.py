"""A bound that breaches when the model is good."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Edit, Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every performance monitor whose only bound is on the wrong side."""
    for monitor in monitor_specs(project):
        known = metrics().get(monitor.metric.name) if monitor.metric is not None else None
        if monitor.kind != "performance" or known is None or (monitor.min is None) == (monitor.max is None):
            continue
        written, meant = ("min", "max") if monitor.max is None else ("max", "min")
        if (known.goal == "maximize") is (written == "max"):
            bound = monitor.min if monitor.max is None else monitor.max
            better = "high" if known.goal == "maximize" else "low"
            yield Finding(
                message=f"monitor '{monitor.name}' breaches when '{known.name}' is good: it should be {better}",
                mark=Mark(path=(*monitor.path, written)),
                help=f"write: {meant}: {bound:g}",
                fix=(Edit(mark=Mark(path=(*monitor.path, written)), value=meant),),
            )


CHECK = Check(
    code="MLC513",
    title="bound on the wrong side of a metric",
    explanation="A window breaches below `min` and above `max`. A metric that should be high needs `min`, an error "
    "that should be low needs `max`. With the other one alone, only a model that got better would alert.",
    severity=Severity.WARNING,
    run=find,
)
