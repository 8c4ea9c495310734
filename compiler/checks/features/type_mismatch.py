"""SQL whose types do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every operator or function that gets what it cannot take."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "type":
            yield Finding(
                message=f"{owner}: {problem.message}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help="compare and compute values of one kind, or convert with cast(… as …)",
            )


CHECK = Check(
    code="MLC302",
    title="SQL type mismatch",
    explanation="Expressions are typed against the columns of the contract. What DuckDB would refuse, or convert "
    "silently and fail on the first row that does not fit, is refused here.",
    run=find,
)
