"""A value that one of the generated files could not hold as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ...diagnostics import Finding, Mark
from ...model.data import Source
from ...model.models import Batch
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import datasets, specs

FOLDER = re.compile(r"[\w.][\w.-]*(/[\w.-]+)*/?")
LINE_BREAK = re.compile("[\n\r\x85\u2028\u2029]")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every code folder, URL and path that breaks the file that it lands in."""
    spec = project.spec
    for folder in spec.project.code:
        inside = PurePosixPath(folder.name)
        if inside.is_absolute() or ".." in inside.parts:
            continue  # which has been reported
        if not FOLDER.fullmatch(folder.name):
            yield Finding(
                message=f"the code folder '{folder.name}' cannot stand in a Dockerfile or a workflow",
                mark=Mark(path=folder.path, at="value"),
                help="rename it: letters, digits, '-', '_' and '.', such as src/mypackage",
            )
    for what, path, text in _places(project):
        if LINE_BREAK.search(text):
            mark = Mark(path=path if surroundings.written(path) else path[:-1], at="value")
            yield Finding(message=f"{what} holds a line break", mark=mark, help="write it on one line")


def _places(project: Project) -> Iterator[tuple[str, YamlPath, str]]:
    """Paths and URLs, which reach scripts and lists of paths."""
    if project.spec.storage is not None and project.spec.storage.url:
        yield "the storage", ("storage", "url"), project.spec.storage.url
    for dataset in datasets(project):
        if isinstance(dataset.source, Source):
            yield f"the path of dataset '{dataset.name}'", (*dataset.source.path, "path"), dataset.source.location or ""
    for model in specs(project):
        if isinstance(model.deploy.batch, Batch):
            path = (*model.deploy.batch.path, "output")
            yield f"the output of model '{model.name}'", path, model.deploy.batch.output


CHECK = Check(
    code="MLC621",
    title="value that a generated file cannot hold",
    explanation="Code folders, URLs and paths become words of Dockerfiles, workflows and scripts. What would "
    "end such a word, or begin another line, is refused here.",
    run=find,
)
