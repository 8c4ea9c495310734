"""The workflow ``features``: refreshes the online stores of feature sets."""

from __future__ import annotations

from ...checks.stored import StoredSet, stored_sets
from ..base import Context
from .expressions import chosen
from .schedules import in_turn, schedules
from .shared import shared_view
from .views import FeaturesView, RefreshJob


def features_view(context: Context) -> FeaturesView | None:
    """All that the template sees; None where no feature set is refreshed."""
    found = {stored.found.name: stored for stored in stored_sets(context.project) if stored.online.refresh}
    if not found:
        return None
    jobs = tuple(
        RefreshJob(
            name=name,
            job=_job(name),
            after=_job(before) if before else None,
            when=chosen("set", name, _cron(found[name]), pushes=False, waits=before is not None),
        )
        for before, name in in_turn(list(found))
    )
    crons = [stored.online.refresh for stored in found.values() if stored.online.refresh]
    return FeaturesView(shared=shared_view(context), schedules=schedules(crons), jobs=jobs)


def _job(name: str) -> str:
    return f"refresh-{name}"


def _cron(found: StoredSet) -> str | None:
    return found.online.refresh.cron if found.online.refresh else None
