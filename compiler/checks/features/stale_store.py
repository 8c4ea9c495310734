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
        shown = f"{wait // DAY}d" if wait % DAY == 0 else f"{wait // HOUR}h" if wait % HOUR == 0 else f"{wait}m"
        yield Finding(
            message=f"windows of '{found.name}' are missing after {limit.text}, but computed again after {shown}",
            mark=Mark(path=(*online.path, "max_staleness"), at="value"),
            related=(Mark(path=refresh.path, text=f"at least {shown} apart", at="value"),),
            help=f"refresh more often, or write: max_staleness: {_twice(wait)}",
        )


def _twice(wait: int) -> str:
    """Two waits, so that one refresh may fail."""
    return f"{2 * wait // HOUR}h" if 2 * wait % HOUR == 0 else f"{2 * wait}m"


CHECK = Check(
    code="MLC321",
    title="store that is stale between refreshes",
    explanation="A request gets the stored value of a window, unless it is older than `max_staleness`. With a refresh "
    "that comes later than that, most requests get nothing, although training had a value in every row.",
    run=find,
    severity=Severity.WARNING,
)
