"""SQL that gives another value each time."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every call of a clock or of a random generator."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind == "nondeterministic":
            yield Finding(
                message=f"{owner}: {problem.message}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help="compute from columns; the row's time stands in its time column",
            )


CHECK = Check(
    code="MLC304",
    title="SQL that is not reproducible",
    explanation="A feature has to have the same value in training, in a request and when a window is looked at again. "
    "Clocks, random numbers and sequences do not.",
    run=find,
)
