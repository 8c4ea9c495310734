"""A classifier for numbers, or a regressor for classes."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import Estimator, estimators
from ...diagnostics import Finding, Mark
from ...model.models import Train
from ...model.resolved import REGRESSION, Project, ResolvedModel
from ...resolve.tasks import estimator_of
from ...suggest import suggest
from ..base import Check, Surroundings
from ..sections import models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every estimator that cannot learn the label, and every weight that it cannot take."""
    for model in models(project):
        estimator, train = estimator_of(model.spec), model.spec.train
        if estimator is None or not isinstance(train, Train) or train.estimator is None:
            continue
        wanted = "regressor" if model.task == REGRESSION else "classifier"
        if model.task is not None and estimator.kind != wanted:
            yield Finding(
                message=f"'{_short(estimator)}' is a {estimator.kind}, but the task is {model.task}",
                mark=Mark(path=train.estimator.path, at="value"),
                related=_label(model),
                help=_instead(estimator, wanted),
            )
        if train.sample_weight is not None and not estimator.sample_weight:
            yield Finding(
                message=f"'{_short(estimator)}' takes no sample weights",
                mark=Mark(path=(*train.path, "sample_weight")),
                help="leave sample_weight out, or choose an estimator that takes it",
            )


def _label(model: ResolvedModel) -> tuple[Mark, ...]:
    if model.spec.task is not None:
        return (Mark(path=(*model.spec.path, "task"), text="the task is said here", at="value"),)
    kind = model.label.dtype if model.label else None
    return (Mark(path=(*model.spec.path, "label"), text=f"the label is a {kind}".replace("a integer", "an integer")),)


def _short(estimator: Estimator) -> str:
    return estimator.path.rpartition(".")[2]


def _instead(estimator: Estimator, wanted: str) -> str:
    ending = "Regressor" if wanted == "regressor" else "Classifier"
    others = {path: found for path, found in estimators().items() if found.kind == wanted}
    twin = estimator.path.replace("Classifier", ending).replace("Regressor", ending)
    near = twin if twin in others else suggest(estimator.path, others)
    return f"write estimator: {near}" if near else f"use a {wanted}"


CHECK = Check(
    code="MLC404",
    title="estimator does not fit the task",
    explanation="Classifiers learn classes, regressors numbers. The task follows from the label's type: a boolean is "
    "binary, a string has classes, a float is a regression.",
    run=find,
)
