"""A window that leaves out most of what happened."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..firings import gaps
from ..logs import spelled
from ..sections import monitors

PARTS = 2
"""A monitor that sees at least one of so many predictions samples them, which is nobody's mistake."""


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every monitor of a service that sees half of its predictions or fewer."""
    for monitor in monitors(project):
        model, spec = monitor.model, monitor.spec
        if model is None or model.spec.deploy.api is None or spec.kind == "service":
            continue
        found = gaps(spec.schedule.cron)
        if found is None or found[0] * 60 < PARTS * spec.window.seconds:
            continue
        written = surroundings.written((*spec.path, "window"))
        looks = f"looks at {spec.window.text}" if written else f"looks at {spec.window.text}, the default,"
        yield Finding(
            message=f"monitor '{spec.name}' {looks} every {spelled(found[0] * 60)}",
            mark=Mark(path=(*spec.path, "window") if written else spec.path, at="value" if written else "key"),
            related=(Mark(path=spec.schedule.path, text="what happens in between is never looked at", at="value"),),
            help=f"look at all of it: window: {spelled(found[1] * 60)}; or run more often",
        )


CHECK = Check(
    code="MLC510",
    title="window with gaps",
    explanation="A window ends at each time of the schedule and is as long as `window`, which is a day by default. "
    "Where the schedule is much rarer, most predictions of a service are in no window, and what goes wrong with them "
    "is not seen. Models that only score in batches may be looked at just after each batch, so they are left alone.",
    severity=Severity.WARNING,
    run=find,
)
