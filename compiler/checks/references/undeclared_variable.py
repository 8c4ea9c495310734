"""A value that is read from the surroundings under a name that the spec does not declare."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...source import YamlPath
from ...suggest import renamed, suggest
from ..base import Check, Surroundings
from .variable_not_replaced import REFERENCE, literal_texts


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``${NAME}`` without a declaration."""
    spec = project.spec
    if any(surroundings.written((key,)) and not getattr(spec, key) for key in ("secrets", "variables")):
        return  # what they declare could not be read
    known = [reference.name.strip("${} ") for reference in (*spec.secrets, *spec.variables)]
    literal = {end for path, _, _ in literal_texts(project) for end in (path, path[:-1])}
    for path, text in surroundings.scalars:
        if "${" not in text or path[0] in ("secrets", "variables") or path in literal:
            continue  # which has been reported
        for found in REFERENCE.finditer(text):
            if found[1] not in known:
                near = suggest(found[1], known)
                mark = Mark(path=path, text="not declared", at="value", within=_within(text, found, surroundings, path))
                yield Finding(
                    message=f"'${{{found[1]}}}' is neither a secret nor a variable of the spec",
                    mark=mark,
                    help=f"did you mean '${{{near}}}'?" if near else f"declare it: secrets: [{found[1]}]",
                    fix=renamed(mark, found[1], known) if mark.within else (),
                )


def _within(text: str, found: re.Match[str], surroundings: Surroundings, path: YamlPath) -> tuple[int, int] | None:
    """Where the name stands in the value of the scalar whose raw text is known; None where it stands there twice."""
    value = surroundings.sources.entries[path].text or ""
    if text.count(found[0]) != 1 or value.count(found[0]) != 1:
        return None
    start = value.index(found[0]) + 2
    return start, start + len(found[1])


CHECK = Check(
    code="MLC208",
    title="undeclared secret or variable",
    explanation="Generated workflows pass on exactly the secrets and variables that the spec declares under `secrets` "
    "and `variables`, job by job. A name that is not declared would be empty where it is needed.",
    run=find,
)
