"""A window that cannot be computed."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project, ResolvedFeature, ResolvedFeatureSet
from ..base import Check, Surroundings
from ..sections import features, time_to_name


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every window without a length, or over rows without a time."""
    for found, feature in features(project):
        if feature.join is not None:
            yield from _over_join(found, feature)
            continue
        timeless = found.dataset.time is None and not surroundings.written((*found.dataset.path, "time"))
        if feature.kind == "window" and timeless:
            yield Finding(
                message=f"feature '{feature.name}' is a window, but '{found.dataset.name}' has no time",
                mark=Mark(path=feature.path),
                related=(Mark(path=found.dataset.path, text=f"'{found.dataset.name}' is declared here"),),
                help=f"say which column holds each row's time, write: {time_to_name(found.dataset)}",
            )
        elif (
            feature.kind == "window"
            and feature.feature.window is None
            and not surroundings.written((*feature.path, "window"))
        ):
            yield Finding(
                message=f"feature '{feature.name}' aggregates rows, but does not say which",
                mark=Mark(path=feature.path),
                help="say how far it looks back: window: 7d",
            )


def _over_join(found: ResolvedFeatureSet, feature: ResolvedFeature) -> Iterator[Finding]:
    """A window over a joined dataset: it is about that one alone, and its join says whose rows belong together."""
    join = next(join for join in found.joins if join.name == feature.join)
    read = feature.expression.columns if feature.expression is not None else ()
    other = next((name for name in read if join.own_name(name) is None), None)
    text = feature.feature.aggregate
    if join.time is None:
        yield Finding(
            message=f"feature '{feature.name}' is a window over '{join.dataset.name}', which has no time",
            mark=Mark(path=feature.path),
            related=(Mark(path=join.dataset.path, text=f"'{join.dataset.name}' is declared here"),),
            help=f"say which column holds each row's time, write: {time_to_name(join.dataset)}",
        )
    elif other is not None and text is not None:
        yield Finding(
            message=f"window '{feature.name}' looks at two datasets: it reads '{join.name}' and '{other}'",
            mark=Mark(path=text.path, at="value"),
            related=(Mark(path=join.spec.path, text="the join"),),
            help="make two windows of it, and a feature of both where they belong together",
        )
    elif feature.feature.by:
        yield Finding(
            message=f"window '{feature.name}' over the join '{join.name}' says 'by': its rows are found by the join",
            mark=Mark(path=(*feature.path, "by")),
            related=(Mark(path=(*join.spec.path, "on"), text="they are equal here"),),
            help="remove it",
        )


CHECK = Check(
    code="MLC308",
    title="window without time",
    explanation="A window aggregates the rows of the same entity from a span of time that ends before the row itself. "
    "So rows need a time, and the window a length.",
    run=find,
)
