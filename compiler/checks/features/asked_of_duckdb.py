"""A feature of a served model that has no Python form which gives what DuckDB gives."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project, ResolvedFeature
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import models
from .untyped_expression import reads_invalid


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every such feature of a model with an API, once."""
    seen: set[YamlPath] = set()
    for model in models(project):
        if model.spec.deploy.api is None:
            continue
        for feature in (prepared.feature for prepared in model.features):
            found = _finding(feature) if feature.path not in seen else None
            if found is not None and not reads_invalid(project, feature.columns):
                seen.add(feature.path)
                yield found


def _finding(feature: ResolvedFeature) -> Finding | None:
    sql, expression = feature.feature.sql, feature.expression
    if sql is None or expression is None or expression.tree is not None or feature.dtype is None:
        return None
    return Finding(
        message=f"feature '{feature.name}' is asked of DuckDB in every request",
        mark=Mark(path=sql.path, text="no Python form gives the same", at="value", within=expression.opaque),
        help="it is right, and takes about half a millisecond; the guide to features lists what is faster",
    )


CHECK = Check(
    code="MLC327",
    title="feature served through DuckDB",
    explanation="Features of one request are plain Python functions, compiled from the same expression that DuckDB "
    "runs over tables. Where no Python gives exactly what DuckDB gives, the service asks DuckDB: the value is the "
    "same, the request a little slower.",
    severity=Severity.WARNING,
    run=find,
)
