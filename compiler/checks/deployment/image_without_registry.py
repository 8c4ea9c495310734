"""An image that CI has nowhere to push to."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Api
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs

CIS = ("github-actions", "gitlab-ci")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """The first service that is deployed from CI without a registry for images."""
    spec = project.spec
    if spec.stack.ci not in CIS or (spec.images is not None and spec.images.registry):
        return
    if surroundings.written(("images",)):
        return  # which could not be read
    for model in specs(project):
        if isinstance(model.deploy.api, Api):
            yield Finding(
                message=f"the image of '{model.name}' has nowhere to go: CI builds it, and no registry is named",
                mark=Mark(path=model.deploy.api.path),
                help="name one at the top:\nimages: {registry: ghcr.io/your-organisation}",
            )
            return


CHECK = Check(
    code="MLC608",
    title="image without a registry",
    explanation="The deploy workflow builds the image of a service and pushes it, so that the machine that serves can "
    "pull it. It needs the name of a registry.",
    run=find,
)
