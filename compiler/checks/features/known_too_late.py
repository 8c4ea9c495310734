"""A feature from a column that is not yet known when the model predicts."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.models import Model
from ...model.resolved import Project, ResolvedFeature
from ...resolve.columns import known_in_time, moment_of
from ..base import Check, Surroundings
from ..sections import models
from .cyclic_known_at import cycle_from


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column, but in windows, that becomes known after the prediction."""
    for model in models(project):
        for feature in (prepared.feature for prepared in model.features):
            if model.dataset is None or feature.kind == "window":
                continue
            for name in feature.columns:
                column = model.dataset.columns.get(name)
                own = model.label is not None and name in model.label.columns  # said as the label
                if not isinstance(column, Column) or own or cycle_from(model.dataset, column):
                    continue
                if not known_in_time(model.dataset, column, model.spec):
                    yield _finding(model.spec, model.dataset, feature, column)


def _finding(model: Model, dataset: Dataset, feature: ResolvedFeature, column: Column) -> Finding:
    when = model.predict_at.name if model.predict_at else dataset.time.name if dataset.time else "the row's time"
    known = _known(dataset, column)
    related = [Mark(path=column.path, text=f"'{column.name}' is {known}")]
    if model.predict_at is not None:
        related.append(Mark(path=model.predict_at.path, text=f"'{model.name}' predicts at '{when}'"))
    return Finding(
        message=f"feature '{feature.name}' of model '{model.name}' is not yet known at '{when}'",
        mark=Mark(path=feature.path, text=f"reads '{column.name}', which is {known}"),
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
