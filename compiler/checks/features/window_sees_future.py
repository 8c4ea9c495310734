"""A window that reads values before they are known."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project, ResolvedFeature, ResolvedFeatureSet
from ..base import Check, Surroundings
from ..sections import features


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every window whose lag is shorter than its columns take to be known."""
    for found, feature in features(project):
        if feature.kind != "window" or feature.expression is None:
            continue
        for column in _columns(found, feature):
            unread = feature.feature.lag is None and surroundings.written((*feature.path, "lag"))
            if isinstance(column, Column) and not unread:
                yield from _too_early(feature, column)


def _columns(found: ResolvedFeatureSet, feature: ResolvedFeature) -> Iterator[object]:
    """The columns that a window reads, of the dataset or of a joined one."""
    for name in feature.expression.columns if feature.expression is not None else ():
        yield found.dataset.columns.get(name)
        for join in found.joins:
            yield join.dataset.columns.get(join.own_name(name) or "")


def _too_early(feature: ResolvedFeature, column: Column) -> Iterator[Finding]:
    lag, after = feature.feature.lag, column.available_after
    seconds = lag.seconds if lag else 0
    related = (Mark(path=column.path, text=f"'{column.name}' is declared here"),)
    short = f"shorter than {after.text}" if after is not None else ""
    place = Mark(path=(*feature.path, "lag"), text=short, at="value") if lag else Mark(path=feature.path)
    if after is not None and seconds < after.seconds:
        said = f"a lag of {lag.text}" if lag else "no lag"
        yield Finding(
            message=f"window '{feature.name}' has {said}, but '{column.name}' is known only after {after.text}",
            mark=place,
            related=related,
            help=f"leave out what is not known yet, write: lag: {after.text}",
        )


CHECK = Check(
    code="MLC309",
    title="window sees the future",
    explanation="A window over the last seven days includes rows whose values were not known at that moment, unless "
    "its lag leaves them out. A model learns from such values, and never gets them again. Where `known_at` says the "
    "moment of each value, the window leaves out what was not known by then, whatever the lag.",
    run=find,
)
