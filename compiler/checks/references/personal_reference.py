"""A column that holds what another dataset calls personal."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset, Target
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import columns, datasets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every reference from a column that is not personal to one that is."""
    for dataset in datasets(project):
        for column in columns(dataset):
            target = column.references
            other = project.spec.data.get(target.dataset.name) if isinstance(target, Target) else None
            if not isinstance(other, Dataset) or not isinstance(target, Target):
                continue
            there = other.columns.get(target.column.name)
            marked = column.pii or surroundings.written((*column.path, "pii"))
            if isinstance(there, Column) and there.pii and not marked:
                yield Finding(
                    message=f"column '{column.name}' holds values that '{other.name}' marks as personal",
                    mark=Mark(path=column.path),
                    related=(Mark(path=(*there.path, "pii"), text="marked here"),),
                    help="mark it too: pii: true; or say that it is none: pii: false",
                )


CHECK = Check(
    code="MLC234",
    title="personal values under another name",
    explanation="A reference says that two columns hold the same values. Where one of them is marked `pii: true`, the "
    "values of the other reach reports and files of bad rows all the same.",
    run=find,
    severity=Severity.WARNING,
)
