"""A requirement that pip refuses, or that is not there where the steps run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..requirements import is_local, mended, read, written

URL = re.compile(r"(?:[a-z]+\+)?(?:https?|ssh|git)://|git\+")

BROKEN = re.compile("[\\\\\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029]")
"""What would end the line of a requirements file, or join it with the next one."""

BREAKS = ("holds a line break, a backslash or a control character", "one package a line: holidays>=0.50", None)


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every line that installing would stop at."""
    for text, path in written(project.spec.project, surroundings.sources):
        found = BREAKS if BROKEN.search(text) else _judged(text)
        if found is not None:
            mark = Mark(path=path, at="value")
            message, help_, right = found
            fix = (Edit(mark=mark, value=right),) if right is not None and isinstance(path[-1], int) else ()
            yield Finding(message=f"the requirement '{text}' {message}", mark=mark, help=help_, fix=fix)


def _judged(text: str) -> tuple[str, str, str | None] | None:
    """What is wrong, what helps, and the line that was certainly meant."""
    text = text.strip()
    known = read(text)
    if any(is_local(place) for place in (text, known.url if known is not None else None) if place):
        return (
            "is on this machine only",
            "copy it into the project, and list its folder: project: {code: [src/…]}",
            None,
        )
    return None if known is not None else _unread(text)


def _unread(text: str) -> tuple[str, str, str | None]:
    if " #" in text:
        return "has a comment in it", "end the quotes before the comment", None
    if text.startswith("-"):
        return "is an option of pip", "one package a line, such as: holidays>=0.50", None
    if URL.match(text):
        return "does not say which package it is", f"write: name-of-the-package @ {text}", None
    right = mended(text)
    if right is not None:
        return "cannot be read", f"write: {right}", right
    return "cannot be read", "a name, and the versions that will do, such as: holidays>=0.50,<1", None


CHECK = Check(
    code="MLC422",
    title="requirement that cannot be installed",
    explanation="Requirements are installed in CI and in images, by pip or uv, as `requirements.txt`. A folder or a "
    "wheel of this machine is not there; a package of the project's own belongs to `project.code`, which is copied.",
    run=find,
)
