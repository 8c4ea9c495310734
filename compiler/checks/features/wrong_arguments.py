"""A call with too few or too many arguments."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every call whose number of arguments no form of the function takes."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "arguments":
            yield Finding(
                message=f"{owner}: {problem.message}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help="its functions: https://duckdb.org/docs/stable/sql/functions/overview",
            )


CHECK = Check(
    code="MLC325",
    title="wrong number of arguments",
    explanation="DuckDB's functions take a fixed number of arguments, or one of a few. The compiler knows the numbers "
    "of all of them.",
    run=find,
)
