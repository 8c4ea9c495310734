"""A column that refers to values which it can never have."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset, Target
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import columns, datasets

NUMBERS = ("integer", "float")


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every reference to a column of another type, or to the column itself."""
    for dataset in datasets(project):
        for column in columns(dataset):
            target = column.references
            other = project.spec.data.get(target.dataset.name) if isinstance(target, Target) else None
            if isinstance(target, Target) and isinstance(other, Dataset):
                yield from _judged(dataset, column, target, other)


def _judged(dataset: Dataset, column: Column, target: Target, other: Dataset) -> Iterator[Finding]:
    there = other.columns.get(target.column.name)
    if not isinstance(there, Column):
        return
    mark = Mark(path=target.column.path, at="value")
    if other is dataset and there is column:
        message = f"column '{column.name}' refers to itself, which every value keeps"
        yield Finding(message=message, mark=mark, help="name the column that holds the values, or remove 'references'")
    elif column.type != there.type and not {column.type, there.type} <= set(NUMBERS):
        yield Finding(
            message=f"column '{column.name}' is {column.type}, and what it refers to is {there.type}",
            mark=mark,
            related=(Mark(path=there.path, text=f"'{there.name}' of '{other.name}' is declared here"),),
            help="refer to a column of the same type, or correct one of the two types",
        )


CHECK = Check(
    code="MLC230",
    title="reference between columns that cannot be compared",
    explanation="`references` says that every value stands in a column of another dataset. Values of two types are "
    "never equal, so that every row would break the rule; a column that refers to itself always does.",
    run=find,
)
