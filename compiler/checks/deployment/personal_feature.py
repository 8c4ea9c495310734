"""A personal column that the model learns by heart."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.resolved import Project, ResolvedFeature
from ...model.values import valid_items
from ...sql.tree import Column as ColumnNode
from ..base import Check, Surroundings
from ..sections import features, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature that passes on a personal column, and every label that is one.

    A window may group by one: that is what its store is for, and the model learns only what the window counts.
    """
    for found, feature in features(project):
        if found.implicit:
            continue
        for name in _handed_on(feature):
            column = found.dataset.columns.get(name)
            if isinstance(column, Column) and column.pii:
                what = "is a personal column" if feature.name == name else f"is the personal column '{name}'"
                yield _finding(f"feature '{feature.name}' {what}", Mark(path=feature.path), column)
    for model in models(project):
        read = model.label.columns if model.label is not None and model.dataset is not None else ()
        for name in read:
            column = _columns(model.dataset).get(name)
            if column is not None and column.pii:
                said = f"the label of '{model.name}' is made of the personal column '{name}'"
                yield _finding(said, Mark(path=(*model.spec.path, "label")), column)


def _handed_on(feature: ResolvedFeature) -> tuple[str, ...]:
    """The columns whose values come out of the feature as they are."""
    tree = feature.expression.tree if feature.expression is not None else None
    return (tree.name,) if isinstance(tree, ColumnNode) else ()


def _columns(dataset: Dataset | None) -> dict[str, Column]:
    return dict(valid_items(dataset.columns)) if dataset is not None else {}


def _finding(message: str, mark: Mark, column: Column) -> Finding:
    return Finding(
        message=message,
        mark=mark,
        related=(Mark(path=(*column.path, "pii"), text="personal"),),
        help="leave it out, or make something of it that says less: a year, a region, a yes or no",
    )


CHECK = Check(
    code="MLC622",
    title="personal column that a model learns",
    explanation="A model keeps the categories of such a feature as hashes that can be guessed, and its numbers as "
    "thresholds, and a label's values stand in figures and answers. "
    "Nobody can delete a person from a model again: `pii: true` keeps a column out of logs, reports and alerts, but "
    "not out of what is trained on it.",
    severity=Severity.WARNING,
    run=find,
)
