"""A join that reads values before they are known."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project, ResolvedJoin
from ..base import Check, Surroundings
from ..sections import feature_sets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every join whose lag is shorter than a column that is read of it takes to be known."""
    for found in feature_sets(project):
        for join in found.joins:
            unread = join.spec.lag is None and surroundings.written((*join.spec.path, "lag"))
            late = [column for name in join.columns if (column := _later(join, name)) is not None]
            if late and not unread and join.time is not None:
                yield _finding(join, max(late, key=lambda column: column.available_after.seconds))  # type: ignore[union-attr]


def _later(join: ResolvedJoin, name: str) -> Column | None:
    """The column, if it is known only after the lag."""
    column, lag = join.dataset.columns.get(name), join.spec.lag
    if not isinstance(column, Column) or column.available_after is None:
        return None
    return column if column.available_after.seconds > (lag.seconds if lag is not None else 0) else None


def _finding(join: ResolvedJoin, column: Column) -> Finding:
    lag, after = join.spec.lag, column.available_after
    assert after is not None  # noqa: S101  (_later has looked)
    said = f"a lag of {lag.text}" if lag is not None else "no lag"
    place = Mark(path=(*join.spec.path, "lag"), text=f"shorter than {after.text}", at="value")
    return Finding(
        message=f"join '{join.name}' has {said}, but '{column.name}' is known only after {after.text}",
        mark=place if lag is not None else Mark(path=join.spec.path),
        related=(Mark(path=column.path, text=f"'{column.name}' is declared here"),),
        help=f"leave out what is not known yet, write: lag: {after.text}",
    )


CHECK = Check(
    code="MLC336",
    title="join sees the future",
    explanation="The newest row as of a moment has values that were not known at that moment, unless the lag leaves it "
    "out. A model learns from such values, and never gets them again.",
    run=find,
)
