"""Join columns that can never be equal."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import feature_sets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every pair of join columns of different types."""
    for found in feature_sets(project):
        for join in found.joins:
            for pair in join.spec.on:
                ours = found.dataset.columns.get(pair.ours.name)
                theirs = join.dataset.columns.get(pair.theirs.name)
                if not isinstance(ours, Column) or not isinstance(theirs, Column) or ours.type == theirs.type:
                    continue
                yield Finding(
                    message=f"join '{join.name}' compares '{ours.name}', {_a(ours.type)}, to '{theirs.name}', "
                    f"{_a(theirs.type)}",
                    mark=Mark(path=pair.theirs.path, at="value"),
                    related=(
                        Mark(path=ours.path, text=f"{ours.type} in '{found.dataset.name}'"),
                        Mark(path=theirs.path, text=f"{theirs.type} in '{join.dataset.name}'"),
                    ),
                    help="declare both with the same type; what is read is converted",
                )


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


CHECK = Check(
    code="MLC334",
    title="join columns of different types",
    explanation="A join finds rows whose columns are equal. Columns of different types are never equal, or equal by a "
    "conversion that the online store does not know: a number there is not the same text as a number here.",
    run=find,
)
