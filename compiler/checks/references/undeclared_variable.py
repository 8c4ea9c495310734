"""A value that is read from the surroundings under a name that the spec does not declare."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...suggest import suggest
from ..base import Check, Surroundings

REFERENCE = re.compile(r"(?<!\$)\$\{([^{}]*)\}")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``${NAME}`` without a declaration."""
    spec = project.spec
    known = [reference.name for reference in (*spec.secrets, *spec.variables)]
    for path, text in surroundings.scalars:
        for found in REFERENCE.finditer(text) if "${" in text else ():
            if found[1] not in known:
                near = suggest(found[1], known)
                yield Finding(
                    message=f"'${{{found[1]}}}' is neither a secret nor a variable of the spec",
                    mark=Mark(path=path, text="not declared", at="value"),
                    help=f"did you mean '${{{near}}}'?" if near else f"declare it: secrets: [{found[1]}]",
                )


CHECK = Check(
    code="MLC208",
    title="undeclared secret or variable",
    explanation="Generated workflows pass on exactly the secrets and variables that the spec declares under `secrets` "
    "and `variables`, job by job. A name that is not declared would be empty where it is needed.",
    run=find,
)
