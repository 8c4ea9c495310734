"""State in a place that is gone when the job or the pod ends."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..paths import is_local


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """A local home where runners come and go, and no home where pods need one."""
    spec = project.spec
    url = spec.storage.url if spec.storage is not None else None
    if url is not None and is_local(url):
        for word, place in ((spec.stack.ci, "CI runners"), (spec.stack.deploy, "pods")):
            if word in ("github-actions", "gitlab-ci", "kubernetes"):
                yield Finding(
                    message=f"storage '{url}' is a local path, and {place} forget theirs",
                    mark=Mark(path=(*(spec.storage.path if spec.storage else ()), "url"), at="value"),
                    help=_help(word),
                )
                return
    if url is None and spec.stack.deploy == "kubernetes" and spec.models:
        yield Finding(
            message="pods need a storage that they can reach, and the spec names none",
            mark=Mark(path=("stack", "deploy"), at="value"),
            help=_help("kubernetes"),
        )


def _help(word: str) -> str:
    lines = 'use one that is reached from everywhere:\nstorage:\n  url: "s3://your-bucket/this-project"'
    return (
        f"{lines}\nor leave storage out: it is then kept in the repository's registry"
        if word == "github-actions"
        else lines
    )


CHECK = Check(
    code="MLC602",
    title="home that is forgotten",
    explanation="The prediction log, the registry, feature history and the state of monitors have to outlive the "
    "machine that wrote them. A path on a CI runner or in a pod does not: every run would begin with an "
    "empty registry, and monitors would have nothing to look at.",
    run=find,
)
