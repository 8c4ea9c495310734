"""Something that nobody answers for, where the policy asks for an owner."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import specs

RULE = ("policy", "require_owner")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """The project and every model without an owner."""
    spec = project.spec
    if not spec.policy.require_owner:
        return
    known = spec.project.owner
    if known is None and not surroundings.written(("project", "owner")):
        path = spec.project.path if surroundings.written(spec.project.path) else RULE
        yield _finding(f"project '{spec.project.name}'", path, "project: {owner: your-team}")
    for model in specs(project):
        if model.owner is None and not surroundings.written((*model.path, "owner")):
            yield _finding(f"model '{model.name}'", model.path, f"{model.name}: {{owner: {known or 'your-team'}}}")


def _finding(what: str, path: YamlPath, line: str) -> Finding:
    return Finding(
        message=f"{what} has no owner",
        mark=Mark(path=path),
        related=(Mark(path=RULE, text="asked for here"),) if path != RULE else (),
        help=f"say who answers for it: {line}",
    )


CHECK = Check(
    code="MLC212",
    title="owner missing",
    explanation="With `policy: {require_owner: true}` the project and each of its models name the team that answers "
    "for it, so that a person who meets an alert or a wrong prediction knows whom to ask.",
    run=find,
)
