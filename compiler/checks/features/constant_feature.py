"""A feature or label that is the same in every row."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.models import Label
from ...model.resolved import Project, ResolvedFeature
from ...sql.tree import Column as ColumnNode
from ...sql.tree import TypedExpr
from ..base import Check, Surroundings
from ..sections import features, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature and label that reads no column, or one that has a single value."""
    for found, feature in features(project):
        why = _why(found.dataset, feature.expression) if feature.kind != "window" else None
        if why is not None:
            yield Finding(
                message=f"feature '{feature.name}' is the same in every row",
                mark=_place(feature, why),
                help="leave it out: nothing can be learned from it",
            )
    for model in models(project):
        label = model.spec.label
        why = _why(model.dataset, model.label) if model.dataset is not None else None
        if why is not None and isinstance(label, Label):
            yield Finding(
                message=f"the label of model '{model.name}' is the same in every row",
                mark=Mark(path=label.sql.path, text=why, at="value"),
                help="predict what differs between rows, such as a column",
            )


def _place(feature: ResolvedFeature, why: str) -> Mark:
    text = feature.feature.sql
    return Mark(path=text.path, text=why, at="value") if text is not None else Mark(path=feature.path, text=why)


def _why(dataset: Dataset, expression: TypedExpr | None) -> str | None:
    if expression is None or expression.dtype is None:
        return None
    if expression.constant:
        return "reads no column"
    tree = expression.tree
    column = dataset.columns.get(tree.name) if isinstance(tree, ColumnNode) else None
    if not isinstance(column, Column) or column.nullable:
        return None
    single = column.max_distinct == 1 or (column.allowed is not None and len(set(column.allowed)) == 1)
    single = single or (column.min is not None and column.min == column.max)
    return f"'{column.name}' has one value, by its contract" if single else None


CHECK = Check(
    code="MLC318",
    title="constant feature",
    explanation="What is the same in every row tells no row from another: a model learns nothing from such a feature, "
    "and cannot learn such a label.",
    run=find,
    severity=Severity.WARNING,
)
