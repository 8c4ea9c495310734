"""Stored windows that are too old before they are computed again."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.features import FeatureSet, Online
from ...model.resolved import Project
from ...model.values import valid_items
from ..base import Check, Surroundings
from ..firings import gaps

DAY, HOUR = 24 * 60, 60


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every store whose values expire between two refreshes."""
    for _name, found in valid_items(project.spec.features):
        if isinstance(found.online, Online):
            yield from _judged(found, found.online)


def _judged(found: FeatureSet, online: Online) -> Iterator[Finding]:
    refresh, limit = online.refresh, online.max_staleness
    apart = gaps(refresh.cron) if refresh is not None else None
    if refresh is None or limit is None or apart is None:
        return
    wait = apart[0]
    if limit.seconds < wait * 60:
        shown = _duration(wait)
        yield Finding(
            message=f"windows of '{found.name}' are missing after {limit.text}, but computed again after {shown}",
            mark=Mark(path=(*online.path, "max_staleness"), at="value"),
            related=(Mark(path=refresh.path, text=f"at least {shown} apart", at="value"),),
            # two waits, so that one refresh may fail
            help=f"refresh more often, or write: max_staleness: {_duration(2 * wait)}",
        )


def _duration(minutes: int) -> str:
    """The minutes in the largest unit that leaves nothing over."""
    units = (("d", DAY), ("h", HOUR), ("m", 1))
    return next(f"{minutes // size}{unit}" for unit, size in units if minutes % size == 0)


CHECK = Check(
    code="MLC321",
    title="store that is stale between refreshes",
    explanation="A request gets the stored value of a window, unless it is older than `max_staleness`. With a refresh "
    "that comes later than that, most requests get nothing, although training had a value in every row.",
    run=find,
    severity=Severity.WARNING,
)
