"""A monitor whose breach nobody hears of."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every monitor that neither alerts nor retrains."""
    for monitor in monitor_specs(project):
        if monitor.on_breach or (*monitor.path, "on_breach") in surroundings.sources.entries:
            continue  # an empty list says that it is meant
        alerts = project.spec.stack.alerts
        stack = "" if alerts else ", and at the top: stack: {alerts: [github-issue]}"
        yield Finding(
            message=f"a breach of monitor '{monitor.name}' does nothing",
            mark=Mark(path=monitor.path, text="has no on_breach"),
            help=f"tell somebody: on_breach: [alert]{stack}; where a report is enough: on_breach: []",
        )


CHECK = Check(
    code="MLC512",
    title="monitor that does nothing",
    explanation="What a monitor finds is kept in its report, and its job succeeds whatever the verdict. Only "
    "`on_breach` makes a breach reach a person (`alert`) or start a training (`retrain`). Write `on_breach: []` where "
    "a report is all that is wanted.",
    severity=Severity.WARNING,
    run=find,
)
