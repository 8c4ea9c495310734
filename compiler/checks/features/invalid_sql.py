"""SQL that cannot be read, or that is more than an expression."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every SQL text that does not parse as what is wanted there."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind in ("syntax", "unsupported"):
            yield Finding(
                message=f"{problem.message} in {owner}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help="SQL here is one DuckDB expression, such as arr_delay > 15"
                if len(path) > 1 and path[0] != "data"
                else "SQL here is one SELECT of DuckDB",
            )


CHECK = Check(
    code="MLC301",
    title="invalid SQL",
    explanation="SQL in a spec is DuckDB's. Features, labels and metrics are expressions over the columns of a "
    "dataset; only a table check is a whole SELECT.",
    run=find,
)
