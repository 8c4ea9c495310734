"""A label that leaves the task open, or does not fit the task that is said."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import BINARY, MULTICLASS, REGRESSION, Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import models

FITTING = {
    BINARY: ("boolean", "integer", "string"),
    MULTICLASS: ("integer", "string"),
    REGRESSION: ("float", "integer"),
}


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every model whose label and task do not belong together, or that has no features to learn from."""
    for model in models(project):
        kind = model.label.dtype if model.label is not None else None
        if kind is not None:
            yield from _judged(model, kind)
        if model.dataset is not None and not model.features and not model.spec.features:
            yield Finding(
                message=f"model '{model.name}' has nothing to learn from",
                mark=Mark(path=model.spec.path),
                related=(Mark(path=model.dataset.path, text="no column of this dataset may be a feature"),),
                help="declare more columns, or features of your own",
            )


def _judged(model: ResolvedModel, kind: str) -> Iterator[Finding]:
    path = (*model.spec.path, "label")
    if model.task is None:
        yield Finding(
            message=f"the task of model '{model.name}' does not follow from its label",
            mark=Mark(path=path, text=f"is a {kind}".replace("a integer", "an integer")),
            help=f"say it: task: {BINARY}, {MULTICLASS} or {REGRESSION}"
            if kind == "integer"
            else "predict a boolean, a class or a number",
        )
    elif model.task in FITTING and kind not in FITTING[model.task]:
        yield Finding(
            message=f"the label of model '{model.name}' is a {kind}, which does not fit {model.task}",
            mark=Mark(path=path),
            related=(Mark(path=(*model.spec.path, "task"), text="the task is said here", at="value"),)
            if model.spec.task
            else (),
            help=f"{model.task} takes a label of type {' or '.join(FITTING[model.task])}",
        )


CHECK = Check(
    code="MLC407",
    title="task and label do not fit",
    explanation="The task follows from the label: a boolean or one of two strings is binary, more strings are "
    "classes, a float is a number. An integer may be any of them: the estimator tells, or `task`.",
    run=find,
)
