"""A value that one of the generated files could not hold as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Source
from ...model.models import Batch
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import datasets, specs

REGISTRY = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*/?")
"""The host and the path of an image, as Docker's reference grammar has them."""
FOLDER = re.compile(r"[\w.][\w.-]*(/[\w.-]+)*/?")
LINE_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
BROKEN = re.compile("[\\\\\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029]")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every registry, code folder, requirement and path that breaks the file that it lands in."""
    spec = project.spec
    if spec.images is not None and spec.images.registry and not REGISTRY.fullmatch(spec.images.registry):
        yield Finding(
            message=f"'{spec.images.registry}' is no registry of images",
            mark=Mark(path=("images", "registry"), at="value"),
            help="write the host and the path in lower case, without a scheme: ghcr.io/your-organisation",
        )
    for folder in spec.project.code:
        if not FOLDER.fullmatch(folder.name):
            yield Finding(
                message=f"the code folder '{folder.name}' cannot stand in a Dockerfile or a workflow",
                mark=Mark(path=folder.path, at="value"),
                help="rename it: letters, digits, '-', '_' and '.', such as src/mypackage",
            )
    for index, requirement in enumerate(spec.project.requirements):
        yield from _requirement(requirement, ("project", "requirements", index))
    for what, path, text in _places(project):
        if LINE_BREAK.search(text):
            mark = Mark(path=path if surroundings.written(path) else path[:-1], at="value")
            yield Finding(message=f"{what} holds a line break", mark=mark, help="write it on one line")


def _requirement(text: str, path: YamlPath) -> Iterator[Finding]:
    wrong = "it holds a line break or a backslash" if BROKEN.search(text) else _refused(text)
    if wrong is not None:
        yield Finding(
            message=f"'{text}' is not a requirement: {wrong}",
            mark=Mark(path=path, at="value"),
            help="write a name with its versions as pip takes them: holidays>=0.50",
        )


def _refused(text: str) -> str | None:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  (few projects have any)

    try:
        Requirement(text)
    except InvalidRequirement as error:
        return str(error).partition("\n")[0].lower()
    return None


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
    code="MLC620",
    title="value that a generated file cannot hold",
    explanation="Registries, code folders, requirements and paths become words of Dockerfiles, workflows and "
    "requirement files. What would end such a word, or begin another line, is refused here.",
    run=find,
)
