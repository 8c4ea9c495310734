"""A column that bad rows show in any case."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import datasets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every column under ``bad_rows.show`` that is not marked as personal."""
    for dataset in datasets(project):
        for name in dataset.shown_in_bad_rows:
            column = dataset.columns.get(name.name)
            if isinstance(column, Column) and not column.pii and not surroundings.written((*column.path, "pii")):
                yield Finding(
                    message=f"'{column.name}' is not personal, so that bad rows show it in any case",
                    mark=Mark(path=name.path, at="value"),
                    related=(Mark(path=column.path, text=f"'{column.name}' is declared here"),),
                    help=f"remove it here, or mark it: {column.name}: {{type: {column.type}, pii: true}}",
                )


CHECK = Check(
    code="MLC233",
    title="permission to show what is not personal",
    explanation="Rows that break a rule are put aside without the columns that are marked `pii: true`. "
    "`bad_rows: {show: …}` names those of them that are put aside all the same; for any other column it says nothing.",
    run=find,
    severity=Severity.WARNING,
)
