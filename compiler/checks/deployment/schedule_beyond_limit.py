"""A schedule that trains more often than its limit allows."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Retrain
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..firings import most_in_a_week
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every ``retrain`` whose schedule alone breaks ``max_per_week``."""
    for model in specs(project):
        retrain = model.retrain
        if not isinstance(retrain, Retrain) or retrain.schedule is None or retrain.max_per_week is None:
            continue
        often = most_in_a_week(retrain.schedule.cron)
        if often > retrain.max_per_week:
            yield Finding(
                message=f"the schedule trains '{model.name}' {often} times a week, and {retrain.max_per_week} "
                f"{'is' if retrain.max_per_week == 1 else 'are'} allowed",
                mark=Mark(path=(*retrain.path, "max_per_week"), at="value"),
                related=(Mark(path=retrain.schedule.path, text=f"fires {often} times a week", at="value"),),
                help=f"write: max_per_week: {often}; or train less often, such as '0 2 * * 1' for Mondays",
            )


CHECK = Check(
    code="MLC616",
    title="schedule beyond its own limit",
    explanation="`max_per_week` bounds how often a model is trained, whatever starts it. A schedule that fires more "
    "often uses it up by itself, and nothing is left for a monitor that finds a breach.",
    severity=Severity.WARNING,
    run=find,
)
