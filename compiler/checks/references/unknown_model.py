"""A monitor of a model that is not defined."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs, unknown


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every model that a monitor names and ``models`` does not define."""
    known = project.spec.models
    for monitor in monitor_specs(project):
        if known and monitor.model.name not in known:
            yield unknown("model", monitor.model, list(known))


CHECK = Check(
    code="MLC204",
    title="unknown model",
    explanation="A monitor watches a model by the name that it has under `models`.",
    run=find,
)
