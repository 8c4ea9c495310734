"""The workflow ``batch``: models that score whole datasets."""

from __future__ import annotations

from ..base import Context
from ..deployed import scored
from .expressions import chosen
from .schedules import schedules
from .shared import shared_view
from .views import BatchJob, BatchView


def batch_view(context: Context) -> BatchView | None:
    """All that the template sees; None where no model scores in batches."""
    found = scored(context.project)
    if not found:
        return None
    jobs = tuple(
        BatchJob(
            model=item.model.name,
            when=chosen(
                "model", item.model.name, item.batch.schedule.cron if item.batch.schedule else None, pushes=False
            ),
        )
        for item in found
    )
    crons = (item.batch.schedule for item in found if item.batch.schedule)
    return BatchView(shared=shared_view(context), schedules=schedules(crons), jobs=jobs)
