"""A column that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..readers import all_known, columns_read, datasets_read
from ..sections import columns, datasets, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column without a rule of its own that no feature, label, metric or check reads."""
    broken = any(model.label is None or any(sql is None for _, sql, _ in model.other_sql) for model in models(project))
    if broken or not all_known(project):
        return  # what reads it may be what is broken
    used, read = datasets_read(project), columns_read(project)
    for dataset in datasets(project):
        for column in columns(dataset) if dataset.name in used else ():
            if column.name.lower() not in read[dataset.name]:
                yield Finding(
                    message=f"column '{column.name}' of '{dataset.name}' is read by nothing",
                    mark=Mark(path=column.path, text="loaded in every run"),
                    help=f"remove it, or make a feature of it: {column.name}: {{}}",
                )


CHECK = Check(
    code="MLC316",
    title="column that nothing reads",
    explanation="A declared column is loaded and has to be there in every run. Where the contract says nothing of it "
    "but that it may be null, and no feature, label, slice, metric or check reads it, it was forgotten among the "
    "features, or is left over.",
    run=find,
    severity=Severity.WARNING,
)
