"""A window that cannot be computed."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import features, time_to_name


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every window without a length, or over rows without a time."""
    for found, feature in features(project):
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


CHECK = Check(
    code="MLC308",
    title="window without time",
    explanation="A window aggregates the rows of the same entity from a span of time that ends before the row itself. "
    "So rows need a time, and the window a length.",
    run=find,
)
