"""A call of a function that DuckDB does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import corrected, sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every function that is neither built in nor an aggregate of DuckDB."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "unknown_function":
            place = (problem.start, problem.end)
            yield Finding(
                message=f"{problem.message} in {owner}",
                mark=Mark(path=path, text="DuckDB has no such function", at="value", within=place),
                help=f"did you mean '{problem.suggestion}'?"
                if problem.suggestion
                else "its functions: https://duckdb.org/docs/stable/sql/functions/overview",
                fix=corrected(path, problem),
            )


CHECK = Check(
    code="MLC315",
    title="unknown function",
    explanation="SQL in a spec may call the functions of DuckDB. Extensions that DuckDB would have to download are not "
    "among them.",
    run=find,
)
