"""A value that a workflow would run as an expression."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings


def find(_: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``${{`` in a value."""
    for path, text in surroundings.scalars:
        if "${{" in text:
            yield Finding(
                message="'${{' begins an expression of GitHub Actions, which no value may hold",
                mark=Mark(path=path, at="value"),
                help="name a secret or a variable instead: declare NAME under secrets or variables, and write ${NAME}",
            )


CHECK = Check(
    code="MLC604",
    title="workflow expression in a value",
    explanation="Values of the spec reach workflow files. An expression there is evaluated before anything else, so a "
    "description could read every secret.",
    run=find,
)
