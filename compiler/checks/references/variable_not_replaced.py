"""A ``${NAME}`` in a place where nothing puts a value in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.data import Source
from ...model.models import Batch
from ...model.resolved import Project
from ...model.values import valid_items
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import datasets, specs

LITERAL = "write the value itself; ${NAME} is replaced in the addresses of sources, storage and online features"

BARE = re.compile(r"\$\(?([A-Za-z_][A-Za-z0-9_]*)\)?$")

REFERENCE = re.compile(r"(?<!\$)\$\{([^{}]*)\}")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every reference that would be taken literally."""
    for dataset in datasets(project):
        source = dataset.source
        bare = BARE.match(source.url) if isinstance(source, Source) and source.url is not None else None
        if bare is not None and isinstance(source, Source):
            address = Mark(path=(*source.path, "url"), at="value")
            yield Finding(
                message=f"'{bare[0]}' is not replaced: a reference has braces",
                mark=address,
                help=f"write: url: ${{{bare[1]}}}",
                fix=(Edit(mark=address, value=f"${{{bare[1]}}}"),),
            )
    for path, text, help_ in literal_texts(project):
        found = REFERENCE.search(text)
        if found is not None:
            place = path if path in surroundings.sources.entries else path[:-1]
            yield Finding(
                message=f"'{found[0]}' is not replaced here: '{place[-1]}' is taken as it is written",
                mark=Mark(path=place, at="value", within=found.span()),
                help=help_,
            )


def literal_texts(project: Project) -> Iterator[tuple[YamlPath, str, str]]:
    """The texts that generated files take literally, each with what to do instead."""
    spec = project.spec
    if spec.images is not None and spec.images.registry is not None:
        yield (*spec.images.path, "registry"), spec.images.registry, LITERAL
    for dataset in datasets(project):
        source = dataset.source
        if isinstance(source, Source) and source.query is not None:
            yield source.query.path, source.query.text, LITERAL
    for model in specs(project):
        if isinstance(model.deploy.batch, Batch):
            yield (*model.deploy.batch.path, "output"), model.deploy.batch.output, LITERAL
    for _, environment in valid_items(spec.environments):
        for role, runner in environment.runs_on:
            yield (*environment.path, "runs_on", role), runner, LITERAL


CHECK = Check(
    code="MLC211",
    title="reference that nothing replaces",
    explanation="`${NAME}` stands for a secret or a variable where a step reads it: in the `path` and the `url` of a "
    "source, in the `url` of the storage and in the `store` of online features. Anywhere else it would arrive as these "
    "very characters, in an image's name, an output or a query.",
    run=find,
)
