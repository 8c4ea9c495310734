"""A dataset that is not defined, or none where several could be meant."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Batch
from ...model.resolved import Project
from ...model.values import Reference, valid_items
from ..base import Check, Surroundings
from ..sections import datasets, monitor_specs, specs, unknown


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every name of a dataset that ``data`` does not define."""
    known = project.spec.data
    if not known:
        return  # a spec without data is broken in itself
    yield from (unknown("dataset", name, list(known)) for name in _named(project) if name.name not in known)
    for model in specs(project):
        if not model.features and model.data is None and len(known) != 1:
            yield Finding(
                message=f"model '{model.name}' does not say what it learns from",
                mark=Mark(path=model.path, text="has neither 'features' nor 'data'"),
                help=f"add features: [a feature set], or data: a dataset; there is: {', '.join(known)}",
            )


def _named(project: Project) -> Iterator[Reference]:
    for dataset in datasets(project):
        yield from (target.dataset for target in dataset.targets)
    for _, found in valid_items(project.spec.features):
        yield found.source
        yield from (join.dataset for _, join in valid_items(found.joins))
    for model in specs(project):
        if model.data is not None:
            yield model.data
        if isinstance(model.deploy.batch, Batch):
            yield model.deploy.batch.input
    yield from (monitor.labels for monitor in monitor_specs(project) if monitor.labels is not None)


CHECK = Check(
    code="MLC201",
    title="unknown dataset",
    explanation="Features, models, batch scoring and labels read a dataset by the name that it has under `data`. A "
    "model that names no feature set takes the only dataset there is; with several it has to say which.",
    run=find,
)
