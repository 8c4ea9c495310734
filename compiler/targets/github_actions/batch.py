"""The workflow ``batch``: models that score whole datasets."""

from __future__ import annotations

from pathlib import PurePosixPath

from ...model.values import Schedule
from ..base import Context
from ..deployed import scored
from .expressions import chosen
from .schedules import in_turn, schedules
from .shared import shared_view
from .views import BatchJob, BatchView


def batch_view(context: Context) -> BatchView | None:
    """All that the template sees; None where no model scores in batches."""
    found = scored(context.project)
    if not found:
        return None
    by_model = {item.model.name: item.batch for item in found}
    jobs = tuple(
        BatchJob(
            model=name,
            after=f"batch-{before}" if before else None,
            when=chosen("model", name, _cron(by_model[name].schedule), pushes=False, waits=before is not None),
            output=_output(name, by_model[name].output),
        )
        for before, name in in_turn(list(by_model))
    )
    crons = [item.batch.schedule for item in found if item.batch.schedule]
    return BatchView(shared=shared_view(context), schedules=schedules(crons), jobs=jobs)


def _output(model: str, path: str) -> str | None:
    return None if "://" in path else f".mlops/batch/{model}/{PurePosixPath(path).name}"


def _cron(schedule: Schedule | None) -> str | None:
    return schedule.cron if schedule else None
