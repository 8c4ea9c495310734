"""A path that leads out of the project folder."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Source
from ...model.models import Batch
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..paths import is_local, leaves_project
from ..sections import datasets, specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every absolute path, every ``..`` and every ``~`` of a source, an output or a code folder."""
    for path, place in _places(project):
        if is_local(place) and leaves_project(place.removeprefix("file://")):
            yield Finding(
                message=f"'{place}' lies outside the project folder",
                mark=Mark(path=_scalar(path, surroundings), at="value"),
                help="paths are relative to mlops.yaml, with forward slashes; data that lives elsewhere has a URL",
            )


def _places(project: Project) -> Iterator[tuple[YamlPath, str]]:
    for reference in project.spec.project.code:
        yield reference.path, reference.name
    for dataset in datasets(project):
        if isinstance(dataset.source, Source) and dataset.source.location is not None:
            yield (*dataset.source.path, "path"), dataset.source.location
    for model in specs(project):
        if isinstance(model.deploy.batch, Batch):
            yield (*model.deploy.batch.path, "output"), model.deploy.batch.output


def _scalar(path: YamlPath, surroundings: Surroundings) -> YamlPath:
    return path if path in surroundings.sources.entries else path[:-1]


CHECK = Check(
    code="MLC605",
    title="path outside the project",
    explanation="Everything that steps read and write lies in the project folder, so that it works the same on "
    "another machine, in a runner and in a container.",
    run=find,
)
