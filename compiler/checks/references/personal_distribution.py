"""A check that would keep personal values."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every check of the distribution of a column that is marked as personal."""
    for dataset in datasets(project):
        for check in dataset.checks:
            if not is_valid(check) or check.kind != "distribution" or check.column is None:
                continue
            column = dataset.columns.get(check.column.name)
            if isinstance(column, Column) and column.pii:
                yield Finding(
                    message=f"the distribution of '{column.name}' would keep personal values in the home",
                    mark=Mark(path=check.column.path, at="value"),
                    related=(Mark(path=(*column.path, "pii"), text="marked as personal here"),),
                    help="watch it by null_fraction, or by max_distinct of the column, which keep none",
                )


CHECK = Check(
    code="MLC232",
    title="distribution of a personal column",
    explanation="To compare a column with the last accepted run, its most frequent values or quantiles are kept in the "
    "home, and go wherever the home goes. What is marked `pii: true` never does.",
    run=find,
)
