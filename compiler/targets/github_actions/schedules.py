"""Schedules as workflows write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...model.values import Schedule
from ...planning.plan import Trigger
from .views import CronView


def schedules(found: Iterable[Schedule | Trigger]) -> tuple[CronView, ...]:
    """The schedules of one workflow, each once, in a stable order; UTC goes without saying."""
    unique = {(item.cron or "", _zone(item.timezone)) for item in found}
    return tuple(CronView(cron=cron, timezone=zone or None) for cron, zone in sorted(unique))


def _zone(timezone: str | None) -> str:
    return "" if timezone in {None, "UTC", "Etc/UTC"} else str(timezone)


def in_turn(names: Sequence[str]) -> Iterable[tuple[str | None, str]]:
    """Each name with the one before it: jobs that change the home take turns."""
    return zip([None, *names], names, strict=False)
