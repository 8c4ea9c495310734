"""A window without any rows."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.resolved import Project
from ...model.values import Reference, is_valid
from ..base import Check, Surroundings
from ..sections import features


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every window by what no two rows share."""
    for found, feature in features(project):
        alone = _alone(found.dataset, feature.feature.by) if feature.kind == "window" else None
        if alone is not None:
            names = ", ".join(f"'{name.name}'" for name in alone)
            yield Finding(
                message=f"window '{feature.name}' is always empty: no other row has the same {names}",
                mark=Mark(path=alone[0].path, text="another one in every row", at="value"),
                related=(Mark(path=found.dataset.columns[alone[0].name].path, text="declared here"),),
                help="say whose earlier rows it looks at, such as: by: [customer]",
            )


def _alone(dataset: Dataset, by: tuple[Reference, ...]) -> list[Reference] | None:
    """The columns of ``by`` that are another one in every row."""
    for name in by:
        column = dataset.columns.get(name.name)
        if isinstance(column, Column) and column.unique:
            return [name]
    key = [name.name for name in dataset.key]
    checked = any(
        is_valid(check) and check.kind == "duplicate_keys" and check.severity == "error" for check in dataset.checks
    )
    whole = [name for name in by if name.name in key]
    return whole if checked and key and len(whole) == len(key) and all(n in dataset.columns for n in key) else None


CHECK = Check(
    code="MLC320",
    title="window that is always empty",
    explanation="A window looks at earlier rows of the same entity and never at its own row. By a column that is "
    "another one in every row there are no such rows, so that the feature is null everywhere.",
    run=find,
)
