"""The workflow ``batch``: models that score whole datasets."""

from __future__ import annotations

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
    schedule_of = {item.model.name: item.batch.schedule for item in found}
    jobs = tuple(
        BatchJob(
            model=name,
            after=f"batch-{before}" if before else None,
            when=chosen("model", name, _cron(schedule_of[name]), pushes=False, waits=before is not None),
        )
        for before, name in in_turn(list(schedule_of))
    )
    return BatchView(shared=shared_view(context), schedules=schedules(filter(None, schedule_of.values())), jobs=jobs)


def _cron(schedule: Schedule | None) -> str | None:
    return schedule.cron if schedule else None
