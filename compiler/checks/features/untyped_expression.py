"""An expression whose type nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Label
from ...model.resolved import Project
from ...model.values import Sql, is_valid
from ..base import Check, Surroundings
from ..sections import datasets, features, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature and label that parses, but has no type that a model can take."""
    for _set, feature in features(project):
        text = feature.feature.aggregate or feature.feature.sql
        broken = feature.expression is None or feature.dtype is not None
        if text is not None and not broken and not reads_invalid(project, feature.columns):
            yield _finding(text, f"feature '{feature.name}'")
    for model in models(project):
        label, typed = model.spec.label, model.label
        untyped = typed is not None and typed.dtype is None and not reads_invalid(project, typed.columns)
        if isinstance(label, Label) and untyped:
            yield _finding(label.sql, f"the label of model '{model.name}'")


def reads_invalid(project: Project, names: tuple[str, ...]) -> bool:
    """Whether one of the columns is itself invalid, which has been said."""
    return any(
        name in dataset.columns and not is_valid(dataset.columns[name])
        for dataset in datasets(project)
        for name in names
    )


def _finding(text: Sql, owner: str) -> Finding:
    return Finding(
        message=f"the type of {owner} is not known",
        mark=Mark(path=text.path, at="value"),
        help="say it: cast(… as double), or as bigint, varchar, boolean; a span of time in seconds is epoch(…)",
    )


CHECK = Check(
    code="MLC305",
    title="expression without a type",
    explanation="How a feature is prepared, and what a request looks like, follow from types. Where a function's "
    "result has no known type, a cast says it.",
    run=find,
)
