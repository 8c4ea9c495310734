"""A constant in SQL that DuckDB refuses in every row, or that makes every value the same."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Parts that no date has, types that are not there, patterns that cannot be read, divisions by zero."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "constant":
            yield Finding(
                message=f"{owner}: {problem.message}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help=f"did you mean '{problem.suggestion}'?" if problem.suggestion else HELP,
            )


HELP = "DuckDB says what it takes: https://duckdb.org/docs/stable/sql/functions/overview"

CHECK = Check(
    code="MLC326",
    title="constant without a meaning",
    explanation="Parts of dates, types, patterns and divisors are usually constants. One that DuckDB cannot take fails "
    "on the first row, so it is refused here.",
    run=find,
)
