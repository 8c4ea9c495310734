"""The workflow ``monitor``: one job per monitor; breaches call the training workflow."""

from __future__ import annotations

from ...model.monitors import Monitor
from ...model.values import valid_items
from ..base import Context
from ..deployed import deployed_models
from .expressions import any_output, chosen
from .schedules import in_turn, schedules
from .shared import alerts, shared_view
from .views import MonitorJob, MonitorView, RetrainJob


def monitor_view(context: Context) -> MonitorView | None:
    """All that the template sees; None where nothing is monitored."""
    monitors = [monitor.spec for _, monitor in sorted(valid_items(context.project.monitors))]
    if not monitors:
        return None
    crons = {item.name: item.schedule.cron for item in monitors}
    jobs = tuple(
        MonitorJob(
            name=name,
            after=f"monitor-{before}" if before else None,
            when=chosen("monitor", name, crons[name], pushes=False, waits=before is not None),
        )
        for before, name in in_turn(list(crons))
    )
    return MonitorView(
        shared=shared_view(context),
        schedules=schedules(item.schedule for item in monitors),
        monitors=jobs,
        retrains=_retrains(context, monitors),
        issues="github-issue" in alerts(context.project),
    )


def _retrains(context: Context, monitors: list[Monitor]) -> tuple[RetrainJob, ...]:
    """One training at a time, after the last monitor: each of these jobs changes the home."""
    deployed = frozenset(deployed_models(context.project))
    asking: dict[str, list[str]] = {}
    for monitor in monitors:
        if any(action.name == "retrain" for action in monitor.on_breach):
            asking.setdefault(monitor.model.name, []).append(f"monitor-{monitor.name}")
    jobs = []
    for before, model in in_turn(sorted(asking)):
        said = tuple(asking[model])
        waits_for = {*said, f"monitor-{monitors[-1].name}", *((f"retrain-{before}",) if before else ())}
        jobs.append(
            RetrainJob(
                model=model,
                needs=", ".join(sorted(waits_for)),
                when=any_output(said, "retrain"),
                served=model in deployed,
            )
        )
    return tuple(jobs)
