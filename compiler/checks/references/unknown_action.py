"""An action on a breach that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs, unknown

ACTIONS = ["alert", "retrain"]


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every word of ``on_breach`` that is no action."""
    for monitor in monitor_specs(project):
        yield from (unknown("action", name, ACTIONS) for name in monitor.on_breach if name.name not in ACTIONS)


CHECK = Check(
    code="MLC207",
    title="unknown action",
    explanation="A monitor that finds a breach can `alert`, over the channels of `stack.alerts`, and `retrain` the "
    "model, through the same training workflow and gates as ever.",
    run=find,
)
