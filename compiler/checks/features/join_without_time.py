"""A join as of a time that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedJoin
from ..base import Check, Surroundings
from ..sections import feature_sets, time_to_name

MOMENTS = ("timestamp", "date")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every join as of a time where one of both sides has none."""
    for found in feature_sets(project):
        for join in found.joins:
            broken = surroundings.written((*join.dataset.path, "time")) and join.time is None
            if not broken:
                yield from _lookup(join) if join.time is None else _as_of(found, join, surroundings)


def _lookup(join: ResolvedJoin) -> Iterator[Finding]:
    settings = as_of_settings(join)
    if settings:
        yield Finding(
            message=f"join '{join.name}' has '{settings[0]}', but '{join.dataset.name}' has no time",
            mark=Mark(path=(*join.spec.path, settings[0])),
            related=(Mark(path=join.dataset.path, text=f"'{join.dataset.name}' is declared here"),),
            help=f"remove it, or say which column holds each row's time: {time_to_name(join.dataset)}",
        )


def as_of_settings(join: ResolvedJoin) -> list[str]:
    """What is said of a join that only one as of a time can have."""
    return [key for key in ("as_of", "lag", "max_age") if getattr(join.spec, key) is not None]


def _as_of(found: ResolvedFeatureSet, join: ResolvedJoin, surroundings: Surroundings) -> Iterator[Finding]:
    own = found.dataset
    if join.as_of is None and not surroundings.written((*own.path, "time")):
        yield Finding(
            message=f"join '{join.name}' takes the newest row, but '{own.name}' has no time to compare it with",
            mark=Mark(path=join.spec.path),
            related=(Mark(path=own.path, text=f"'{own.name}' is declared here"),),
            help=f"say as of when, write: as_of: a column; or give '{own.name}' its {time_to_name(own)}",
        )
    column = own.columns.get(join.spec.as_of.name) if join.spec.as_of is not None else None
    if join.spec.as_of is not None and isinstance(column, Column) and column.type not in MOMENTS:
        yield Finding(
            message=f"join '{join.name}' is as of '{column.name}', which holds no moment but a {column.type}",
            mark=Mark(path=join.spec.as_of.path, at="value"),
            related=(Mark(path=column.path, text=f"a {column.type}"),),
            help="name a timestamp column",
        )


CHECK = Check(
    code="MLC335",
    title="join without time",
    explanation="A dataset with a time is joined as of a moment: the newest row that is not later. So the rows that "
    "are joined to it need a moment too. A dataset without a time is looked up by its key, and knows no lag or age.",
    run=find,
)
