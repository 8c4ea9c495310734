"""A requirement that any version will do for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..requirements import Requirement, is_local, read, written

FIXED = re.compile(r"(?:==|===|@|~=|<|>)")
REVISION = re.compile(r"\w+\+[a-z]+://[^@]*(?:[^/@]*@[^/]*/[^@]*)?@[^@#/]+(?:#.*)?$")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every package without a bound, and every repository without a revision."""
    for text, path in written(project.spec.project, surroundings.sources):
        known = read(text) if not is_local(text.strip()) else None
        if known is not None and known.url is None and known.name.endswith((".txt", ".toml", ".in")):
            yield Finding(
                message=f"'{known.name}' is read as a package of that name",
                mark=Mark(path=path, text="a file", at="value"),
                help="list what the file lists: requirements: [numpy>=2.1]",
            )
        elif known is not None and known.url is None and not FIXED.search(known.versions):
            yield Finding(
                message=f"any version of '{known.name}' will do",
                mark=Mark(path=path, text="no bound", at="value"),
                help=f"say the oldest that you tested with, such as: {known.name}>=1.2",
            )
        elif known is not None and _moves(known):
            yield Finding(
                message=f"'{known.name}' is whatever its repository has that day",
                mark=Mark(path=path, text="no revision", at="value"),
                help=f"name a tag or a commit: {known.name} @ {known.url}@v1.2.0",
            )


def _moves(known: Requirement) -> bool:
    return known.url is not None and "+" in known.url.partition(":")[0] and not REVISION.match(known.url)


CHECK = Check(
    code="MLC423",
    title="requirement without a version",
    explanation="A model that is trained again should meet the library that it was tested with. Without a bound an "
    "installer may take any version, the very first one too, when another package stands in the way of newer ones.",
    run=find,
    severity=Severity.WARNING,
)
