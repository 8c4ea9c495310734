"""A cursor of a source that reads everything every time."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``cursor`` without a ``since``."""
    for dataset in datasets(project):
        source = dataset.source
        if not is_valid(source) or source.cursor is None or source.since is not None:
            continue
        if not surroundings.written((*source.path, "since")):
            yield Finding(
                message=f"'cursor' changes nothing: '{dataset.name}' is read as a whole every time",
                mark=Mark(path=(*source.path, "cursor")),
                help="add: since: last_run",
            )


CHECK = Check(
    code="MLC222",
    title="cursor without since",
    explanation="`cursor` names the column by which `since: last_run` tells new rows from old ones. Without `since`, "
    "a source is read from its first row on in every run.",
    severity=Severity.WARNING,
    run=find,
)
