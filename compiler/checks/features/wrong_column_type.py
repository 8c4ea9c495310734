"""A column whose type does not fit what it is used as."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.models import Train
from ...model.resolved import Project, ResolvedModel
from ...model.values import Reference
from ..base import Check, Surroundings
from ..sections import columns, datasets, models
from .cyclic_known_at import cycle_from
from .weight_without_sense import weight_of

MOMENTS = ("timestamp", "date")
NO_WEIGHT = ("string", *MOMENTS)


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every time, ``known_at`` and ``predict_at`` that holds no moment, and every key that may be null."""
    for dataset in datasets(project):
        waiting = [column for column in columns(dataset) if not cycle_from(dataset, column)]
        moments = [dataset.time, *(column.known_at for column in waiting)]
        yield from (found for name in moments for found in _moment(dataset, name))
        for name in (*dataset.key, *([dataset.time] if dataset.time else [])):
            column = dataset.columns.get(name.name)
            if isinstance(column, Column) and column.nullable:
                yield Finding(
                    message=f"'{name.name}' tells the rows of '{dataset.name}' apart, but may be null",
                    mark=Mark(path=name.path, at="value"),
                    related=(Mark(path=column.path, text="nullable here"),),
                    help=f"declare it without null: {name.name}: {column.type}",
                )
    for model in models(project):
        if model.dataset is not None:
            yield from _moment(model.dataset, model.spec.predict_at)
        yield from _weight(model)


def _moment(dataset: Dataset, name: Reference | None) -> Iterator[Finding]:
    column = dataset.columns.get(name.name) if name is not None else None
    if name is not None and isinstance(column, Column) and column.type not in MOMENTS:
        yield Finding(
            message=f"'{name.name}' should hold a moment, but is a {column.type}".replace("a integer", "an integer"),
            mark=Mark(path=name.path, at="value"),
            related=(Mark(path=column.path, text="declared here"),),
            help="name a column of type timestamp or date",
        )


def _weight(model: ResolvedModel) -> Iterator[Finding]:
    weight, train = weight_of(model), model.spec.train
    if (
        weight is not None
        and isinstance(train, Train)
        and train.sample_weight is not None
        and weight.dtype in NO_WEIGHT
    ):
        yield Finding(
            message=f"the sample weight of '{model.name}' should be a number, but is a {weight.dtype}",
            mark=Mark(path=train.sample_weight.path, at="value"),
            help="compute a number, such as: case when vip then 2 else 1 end",
        )


CHECK = Check(
    code="MLC312",
    title="column type does not fit",
    explanation="`time`, `known_at` and `predict_at` name columns that hold a moment. Keys and times tell rows apart, "
    "so they are never null. `sample_weight` is a number.",
    run=find,
)
