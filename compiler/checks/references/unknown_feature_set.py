"""A feature set that is not defined."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs, unknown


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature set that a model names and ``features`` does not define."""
    known = project.spec.features
    for model in specs(project):
        for reference in model.features:
            if reference.name not in known:
                yield unknown("feature set", reference, list(known))


CHECK = Check(
    code="MLC202",
    title="unknown feature set",
    explanation="A model lists the feature sets that it learns from by their names under `features`. Without the list "
    "it takes every column of its dataset that may be one.",
    run=find,
)
