"""An aggregate over rows where one row is meant, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every misplaced aggregate."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "aggregate":
            yield Finding(
                message=f"{owner}: {problem.message}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help="an aggregate over earlier rows is a window: {aggregate: …, by: […], window: 7d, lag: 1d}"
                if "is an aggregate" in problem.message
                else "windows and business metrics aggregate many rows to one value",
            )


CHECK = Check(
    code="MLC303",
    title="misplaced aggregate",
    explanation="A feature's `sql` sees one row. What looks at other rows is a window, which says how far back it "
    "looks and which rows are already known; windows and business metrics have to aggregate.",
    run=find,
)
