"""A join that no feature reads."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..readers import all_known
from ..sections import feature_sets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every join of which no feature of its set names a column."""
    if not all_known(project):
        return  # what reads it may be what is broken
    for found in feature_sets(project):
        broken = any(feature.expression is None for feature in found.features)
        for join in found.joins:
            if not join.columns and not broken:
                named = {join.time, *(pair.theirs.name for pair in join.spec.on)}
                column = next((name for name in join.dataset.columns if name not in named), "column")
                yield Finding(
                    message=f"join '{join.name}' of '{found.name}' is read by nothing",
                    mark=Mark(path=join.spec.path),
                    help=f"remove it, or name a column of it: {{sql: {join.name}.{column}}}",
                )


CHECK = Check(
    code="MLC339",
    title="join that nothing reads",
    explanation="A join brings columns that expressions name as `<join>.<column>`. One that none names does nothing; "
    "mostly a feature was forgotten.",
    severity=Severity.WARNING,
    run=find,
)
