"""Which schedules of a spec start the same workflow of GitHub Actions."""

from __future__ import annotations

from ..model.models import Batch, Retrain
from ..model.resolved import Project
from ..model.values import Schedule
from .sections import monitor_specs, specs
from .stored import stored_sets


def by_workflow(project: Project) -> dict[str, list[Schedule]]:
    """By workflow its different schedules, each where it is written first; none without GitHub Actions."""
    if project.spec.stack.ci != "github-actions":
        return {}
    found: dict[str, dict[tuple[str, str], Schedule]] = {"train": {}, "batch": {}, "monitor": {}, "features": {}}
    for model in specs(project):
        if isinstance(model.retrain, Retrain) and model.retrain.schedule is not None:
            _add(found["train"], model.retrain.schedule)
        if isinstance(model.deploy.batch, Batch) and model.deploy.batch.schedule is not None:
            _add(found["batch"], model.deploy.batch.schedule)
    for monitor in monitor_specs(project):
        _add(found["monitor"], monitor.schedule)
    for stored in stored_sets(project):
        if stored.online.refresh is not None:
            _add(found["features"], stored.online.refresh)
    return {workflow: list(schedules.values()) for workflow, schedules in found.items()}


def _add(known: dict[tuple[str, str], Schedule], schedule: Schedule) -> None:
    zone = "UTC" if schedule.timezone == "Etc/UTC" else schedule.timezone
    known.setdefault((schedule.cron, zone), schedule)
