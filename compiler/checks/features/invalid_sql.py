"""SQL that cannot be read, or that is more than an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import sql_problems

KEY = re.compile(r"\s+([a-z_]+): ")
"""A line of a text block that looks like a key of the mapping around it."""


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every SQL text that does not parse as what is wanted there."""
    for path, owner, problem, _dataset in sql_problems(project):
        if problem.kind in ("syntax", "unsupported"):
            yield Finding(
                message=f"{problem.message} in {owner}",
                mark=Mark(path=path, at="value", within=(problem.start, problem.end)),
                help=_swallowed(path, surroundings)
                or (
                    "SQL here is one DuckDB expression, such as arr_delay > 15"
                    if len(path) > 1 and path[0] != "data"
                    else "SQL here is one SELECT of DuckDB"
                ),
            )


def _swallowed(path: YamlPath, surroundings: Surroundings) -> str | None:
    """What to do with a key that is indented so deep that it became part of the SQL above it."""
    entry = surroundings.sources.entries.get(path)
    if entry is None or entry.style not in {"|", ">"}:
        return None
    lines = surroundings.sources.files[entry.value.file].lines[entry.value.line : entry.value.end_line]
    key = next((found[1] for line in lines if (found := KEY.match(line))), None)
    return f"'{key}' is part of the SQL here: indent it like '{path[-1]}'" if key else None


CHECK = Check(
    code="MLC301",
    title="invalid SQL",
    explanation="SQL in a spec is DuckDB's. Features, labels and metrics are expressions over the columns of a "
    "dataset; only a table check is a whole SELECT.",
    run=find,
)
