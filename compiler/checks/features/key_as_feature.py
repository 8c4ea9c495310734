"""What names a row among what describes it."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.resolved import Project, ResolvedFeature
from ...sql.tree import Column as ColumnNode
from ..base import Check, Surroundings
from ..sections import features

NAMES = ("string", "integer")


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature that passes on a unique column, or the only column of a key."""
    for found, feature in features(project):
        column = _passed_on(found.dataset, feature)
        if column is None or found.implicit or not _tells_rows_apart(found.dataset, column):
            continue
        what = "is another one in every row" if column.unique else f"is the key of '{found.dataset.name}'"
        yield Finding(
            message=f"feature '{feature.name}' names the row that it should describe",
            mark=Mark(path=feature.path, text=f"'{column.name}' {what}"),
            related=(Mark(path=column.path, text="declared here"),),
            help="leave it out: no new row has a name that was learned",
        )


def _passed_on(dataset: Dataset, feature: ResolvedFeature) -> Column | None:
    tree = feature.expression.tree if feature.expression is not None and feature.kind != "window" else None
    column = dataset.columns.get(tree.name) if isinstance(tree, ColumnNode) else None
    return column if isinstance(column, Column) else None


def _tells_rows_apart(dataset: Dataset, column: Column) -> bool:
    alone = [name.name for name in dataset.key] == [column.name]
    return column.type in NAMES and (column.unique or alone)


CHECK = Check(
    code="MLC319",
    title="key among the features",
    explanation="A column that is another one in every row names rows. A model can learn names by heart, and then "
    "knows nothing of a row that comes later.",
    run=find,
    severity=Severity.WARNING,
)
