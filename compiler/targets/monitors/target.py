"""``monitors``: the scheduled jobs of a machine without CI; with CI they are workflows."""

from __future__ import annotations

from collections.abc import Iterable

from ...artifact import Artifact, Template
from ...checks.stored import stored_sets
from ...model.values import Schedule, is_valid, valid_items
from ..base import Context, TargetFinding
from ..deployed import scored
from .checks import findings
from .views import CronLine, CrontabView

PATH = "mlops/deploy/crontab"


class Monitors:
    """Data drift, performance and data quality, computed by the runtime."""

    name = "monitors"
    serves: tuple[tuple[str, str], ...] = ()

    def applies(self, context: Context) -> bool:
        """Whether anything is monitored, or scheduled without CI."""
        return bool(context.project.monitors) or bool(_lines(context))

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """Kinds and methods that the runtime does not compute."""
        return findings(context)

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """A crontab where the stack names no CI."""
        lines = _lines(context)
        if lines:
            yield Artifact(path=PATH, content=Template(name="monitors/crontab.j2", view=CrontabView(lines=lines)))


def _lines(context: Context) -> tuple[CronLine, ...]:
    if context.project.spec.stack.ci != "none":
        return ()
    return (*_trainings(context), *_refreshes(context), *_batches(context), *_monitors(context))


def _trainings(context: Context) -> Iterable[CronLine]:
    for name, model in sorted(valid_items(context.project.models)):
        retrain = model.spec.retrain
        if retrain is not None and is_valid(retrain) and retrain.schedule:
            yield _line(retrain.schedule, f"{name} all")


def _refreshes(context: Context) -> Iterable[CronLine]:
    for found in stored_sets(context.project):
        if found.online.refresh:
            yield _line(found.online.refresh, f"features refresh {found.found.name}")


def _batches(context: Context) -> Iterable[CronLine]:
    for item in scored(context.project):
        if item.batch.schedule:
            yield _line(item.batch.schedule, f"{item.model.name} batch")


def _monitors(context: Context) -> Iterable[CronLine]:
    for name, monitor in sorted(valid_items(context.project.monitors)):
        yield _line(monitor.spec.schedule, f"monitor {name}")


def _line(schedule: Schedule, command: str) -> CronLine:
    return CronLine(timezone=schedule.timezone, cron=schedule.cron, command=command)
