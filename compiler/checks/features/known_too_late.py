"""A feature from a column that is not yet known when the model predicts."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.models import Model
from ...model.resolved import Project, ResolvedFeature
from ...resolve.columns import known_in_time, moment_of
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import models, reads
from .cyclic_known_at import cycle_from


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column that becomes known after the prediction, but what windows aggregate; once for all models."""
    found: dict[tuple[YamlPath, str, str], list[tuple[Model, Dataset, ResolvedFeature, Column]]] = {}
    for model in models(project):
        for feature in (prepared.feature for prepared in model.features):
            if model.dataset is None:
                continue
            for name in _of_own_row(feature):
                column = model.dataset.columns.get(name)
                own = model.label is not None and name in model.label.columns  # said as the label
                if not isinstance(column, Column) or own or cycle_from(model.dataset, column):
                    continue
                if _late(model.dataset, column, model.spec):
                    key = (feature.path, name, _moment(model.spec, model.dataset))
                    found.setdefault(key, []).append((model.spec, model.dataset, feature, column))
    for alike in found.values():
        yield _finding(alike[0][0], alike[0][1], alike[0][2], alike[0][3], [other[0] for other in alike[1:]])


def _of_own_row(feature: ResolvedFeature) -> tuple[str, ...]:
    """The columns of the row itself that a feature reads: of a window those that say whose rows it looks at."""
    if feature.kind == "window" and feature.join is None:
        return tuple(name.name for name in feature.feature.by)
    return feature.columns


def _late(dataset: Dataset, column: Column, model: Model) -> bool:
    """Whether the column comes too late, by moments that are columns and may hold one; others have been reported."""
    named = [known.name for known in (column.known_at, model.predict_at) if known is not None]
    if column.name in named[:1] and column.known_at is not None:
        return False
    moments = [dataset.columns.get(name) for name in named]
    moments += [column] if moment_of(dataset, column) == column.name else []
    sound = all(isinstance(one, Column) and one.type in ("timestamp", "date") for one in moments)
    return sound and not known_in_time(dataset, column, model)


def _moment(model: Model, dataset: Dataset) -> str:
    return model.predict_at.name if model.predict_at else dataset.time.name if dataset.time else "the row's time"


def _finding(model: Model, dataset: Dataset, feature: ResolvedFeature, column: Column, others: list[Model]) -> Finding:
    when = _moment(model, dataset)
    known = _known(dataset, column)
    related = [Mark(path=column.path, text=f"'{column.name}' is {known}")]
    if model.predict_at is not None:
        related.append(Mark(path=model.predict_at.path, text=f"'{model.name}' predicts at '{when}'"))
    names = [model.name, *(other.name for other in others)]
    who = f"model '{model.name}'" if not others else f"models {', '.join(repr(name) for name in names[:-1])}"
    who += f" and '{names[-1]}'" if others else ""
    return Finding(
        message=f"feature '{feature.name}' of {who} is not yet known at '{when}'",
        mark=reads(feature, column.name, f"reads '{column.name}', which is {known}"),
        related=tuple(related),
        help=_mended(dataset, column),
    )


def _known(dataset: Dataset, column: Column) -> str:
    moment = moment_of(dataset, column)
    if moment is not None:
        return f"known at '{moment}'"
    return f"known {column.available_after.text if column.available_after else 'later'} after the row's time"


def _mended(dataset: Dataset, column: Column) -> str:
    moment = moment_of(dataset, column)
    if moment is not None and column.available_after is None:
        return f"predict later: predict_at: {moment}; or leave the feature out"
    lag = column.available_after.text if column.available_after else "1d"
    return f"use earlier rows: {{aggregate: avg({column.name}), by: […], window: 7d, lag: {lag}}}; or leave it out"


CHECK = Check(
    code="MLC306",
    title="feature not known in time",
    explanation="A column with `known_at` or `available_after` has no value yet when the row begins. A feature that "
    "reads it before then is perfect in training, where the value stands in the table, and absent in "
    "production. `predict_at` says when the model is asked.",
    run=find,
)
