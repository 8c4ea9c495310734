"""A slice with a part for nearly every row."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.models import Evaluate
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import gates, models

MOST = 100
"""So many values of a slice are measured, the most frequent ones: MOST_SLICES of the evaluation."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column that has too many values to be cut by."""
    for model in models(project):
        evaluate = model.spec.evaluate
        slices = list(evaluate.slices) if isinstance(evaluate, Evaluate) else []
        listed = {name.name for name in slices}
        gated = [gate.slice for gate in gates(model.spec) if gate.slice is not None]
        for name in [*slices, *(extra for extra in gated if extra.name not in listed)]:
            why = _why(model, name.name)
            if why is not None:
                yield Finding(
                    message=f"'{name.name}' has too many values to be a slice",
                    mark=Mark(path=name.path, text=why, at="value"),
                    help=f'cut by a feature with few values, such as: {name.name}_group: {{sql: "…"}}',
                )


def _why(model: ResolvedModel, name: str) -> str | None:
    column = model.dataset.columns.get(name) if model.dataset is not None else None
    if isinstance(column, Column) and model.dataset is not None:
        return _of_column(model.dataset, column)
    own = next((prepared.feature for prepared in model.features if prepared.feature.name == name), None)
    return "a number for every row" if own is not None and own.dtype == "float" else None


def _of_column(dataset: Dataset, column: Column) -> str | None:
    if column.unique or [name.name for name in dataset.key] == [column.name]:
        return "another value in every row"
    if column.max_distinct is not None or column.allowed is not None:
        count = min(column.max_distinct or MOST + 1, len(column.allowed or ()) or column.max_distinct or MOST + 1)
        return f"up to {count:,} values, and {MOST} are measured" if count > MOST else None
    if column.type == "timestamp":
        return "a moment for every row"
    return "a number for every row" if column.type == "float" else None


CHECK = Check(
    code="MLC416",
    title="slice with too many values",
    explanation="Each value of a slice gets metrics of its own, the hundred most frequent ones at most. A column with "
    "a value for every row gives parts of one row, in which nothing can be measured.",
    run=find,
    severity=Severity.WARNING,
)
