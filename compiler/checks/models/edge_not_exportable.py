"""A model for devices that cannot leave Python."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import estimators, exports
from ...diagnostics import Finding, Mark
from ...model.models import Edge, Train
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every ``deploy.edge`` of a model that has no ONNX form."""
    for model in specs(project):
        edge, train = model.deploy.edge, model.train
        if not isinstance(edge, Edge) or not isinstance(train, Train):
            continue
        if train.entrypoint is not None:
            yield _finding(
                edge,
                Mark(path=train.entrypoint.path, text="trained here"),
                "what a function of your own returns",
                "train an estimator of a known library, or leave 'edge' out",
            )
        elif train.estimator is not None and exports().get(train.estimator.name) is False:
            short = train.estimator.name.rpartition(".")[2]
            yield _finding(
                edge,
                Mark(path=train.estimator.path, text="has no ONNX form", at="value"),
                f"'{short}'",
                _instead(train.estimator.name),
            )


def _finding(edge: Edge, why: Mark, what: str, help_: str) -> Finding:
    return Finding(
        message=f"{what} cannot be exported as {edge.format}", mark=Mark(path=edge.path), related=(why,), help=help_
    )


def _instead(path: str) -> str:
    """Another estimator of the same kind and family that can be exported."""
    own, known = estimators().get(path), exports()
    like = [
        name
        for name, found in estimators().items()
        if own is not None and known.get(name) and found.kind == own.kind and found.family == own.family
    ]
    return f"use {like[0]}, or leave 'edge' out" if like else "leave 'edge' out: deploy: {api: {}} or {batch: …}"


CHECK = Check(
    code="MLC420",
    title="model that cannot be exported",
    explanation="A device runs the model as ONNX, without Python. Which estimators have such a form was found by "
    "exporting each of them and comparing its answers; what a function of the user's own returns is not known before "
    "it ran.",
    run=find,
)
