"""A severity for a rule that the column does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import columns, datasets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every word under ``warn`` that names no rule of its column."""
    for dataset in datasets(project):
        for column in columns(dataset):
            for rule in column.warn:
                if not _has(column, rule.name) and not surroundings.written((*column.path, rule.name)):
                    yield Finding(
                        message=f"column '{column.name}' has no rule '{rule.name}' that could warn",
                        mark=Mark(path=rule.path, at="value"),
                        related=(Mark(path=column.path, text=f"'{column.name}' is declared here"),),
                        help=_help(column, rule.name),
                    )


def _has(column: Column, rule: str) -> bool:
    if rule == "nullable":
        return not column.nullable
    value = getattr(column, rule)
    return value is not None and value is not False


def _help(column: Column, rule: str) -> str:
    if rule == "nullable":
        return f"nulls are allowed: declare it without them, as {column.type}, or remove the word"
    return f"write the rule beside it: {rule}: …; or remove the word"


CHECK = Check(
    code="MLC231",
    title="warning of a rule that is not there",
    explanation="`warn` lists those rules of a column that report a breach and do not stop the pipeline. A word for a "
    "rule that the column does not have reads as if something was watched.",
    run=find,
    severity=Severity.WARNING,
)
