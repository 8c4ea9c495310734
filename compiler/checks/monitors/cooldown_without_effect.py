"""A cool-down that is over before the monitor runs again."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..firings import gaps
from ..logs import spelled
from ..sections import monitor_specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every cool-down that is shorter than the time from one run to the next."""
    for monitor in monitor_specs(project):
        found = gaps(monitor.schedule.cron)
        if monitor.cooldown is None or found is None or monitor.cooldown.seconds >= found[0] * 60:
            continue
        apart = spelled(found[0] * 60)
        yield Finding(
            message=f"a cooldown of {monitor.cooldown.text} has no effect: '{monitor.name}' runs at most every {apart}",
            mark=Mark(path=(*monitor.path, "cooldown"), at="value"),
            related=(Mark(path=monitor.schedule.path, text=f"at least {apart} from one run to the next", at="value"),),
            help=f"stay quiet for the next run: cooldown: {spelled(found[0] * 120)}; or remove cooldown",
        )


CHECK = Check(
    code="MLC509",
    title="cooldown without effect",
    explanation="After it acted, a monitor stays quiet for its `cooldown`, counted from one completed boundary of the "
    "schedule to another. One that is over by the next run holds nothing back: every run may alert and retrain again.",
    severity=Severity.WARNING,
    run=find,
)
