"""A check of a table that no table fails."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, DataCheck, Dataset
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every check without a bound, or whose bound all tables keep."""
    for dataset in datasets(project):
        for check in dataset.checks:
            if is_valid(check):
                yield from _judged(dataset, check, surroundings)


def _judged(dataset: Dataset, check: DataCheck, surroundings: Surroundings) -> Iterator[Finding]:
    written = any(surroundings.written((*check.path, key)) for key in ("min", "max", "max_change"))
    if check.kind == "row_count" and not written:
        yield Finding(
            message=f"the check of how many rows '{dataset.name}' has asks for none",
            mark=Mark(path=check.path, text="neither min nor max", at="value"),
            help="say how many there are at least: {kind: row_count, min: 1000}",
        )
    if check.kind != "null_fraction" or check.column is None:
        return
    column = dataset.columns.get(check.column.name)
    if isinstance(column, Column) and not column.nullable:
        if surroundings.written((*column.path, "nullable")) and not _says_no(surroundings, column):
            return  # which could not be read
        yield Finding(
            message=f"'{column.name}' is never null by its contract, so that a share of nulls decides nothing",
            mark=Mark(path=check.column.path, at="value"),
            related=(Mark(path=column.path, text=f"'{column.name}' is declared without nulls"),),
            help=f"allow nulls: {column.name}: {column.type}?; or remove the check",
        )
    elif check.max is not None and check.max >= 1:
        yield Finding(
            message=f"a share of nulls in '{check.column.name}' up to 100% is any share",
            mark=Mark(path=(*check.path, "max"), at="value"),
            help="say how much is too much, such as: max: 5%",
        )


def _says_no(surroundings: Surroundings, column: Column) -> bool:
    return surroundings.sources.entries[(*column.path, "nullable")].text == "false"


CHECK = Check(
    code="MLC331",
    title="check that no table fails",
    explanation="A check of a table stops the pipeline, or warns, when its bound is broken. Without a bound, or with "
    "one that the contract of the column keeps already, it reads as if it watched something.",
    run=find,
    severity=Severity.WARNING,
)
