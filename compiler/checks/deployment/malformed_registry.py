"""A registry that no image can be pushed to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings

HOST = re.compile(r"(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?")
PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")

OWNED = ("ghcr.io", "docker.io", "registry.gitlab.com", "quay.io")
"""Registries in which every image belongs to somebody."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """What of ``images.registry`` docker would refuse."""
    images = project.spec.images
    if images is None or images.registry is None or "${" in images.registry:
        return
    wrong, right = _problem(images.registry)
    if wrong is not None:
        mark = Mark(path=(*images.path, "registry"), at="value")
        yield Finding(
            message=f"no image can be pushed to '{images.registry}': {wrong}",
            mark=mark,
            help=f"write: registry: {right}" if right else "such as: registry: ghcr.io/your-organisation",
            fix=(Edit(mark=mark, value=right),) if right else (),
        )


def _problem(registry: str) -> tuple[str | None, str | None]:
    """What is wrong, and the registry that is meant, where that is certain."""
    scheme = re.match(r"(https?|docker|oci)://(.+)", registry)
    if scheme:
        return f"an image's name has no '{scheme[1]}://'", scheme[2] if _problem(scheme[2])[0] is None else None
    host, *path = registry.rstrip("/").split("/")
    if not HOST.fullmatch(host):
        return f"'{host}' is no host", None
    if "." not in host and ":" not in host and host != "localhost":
        return f"'{host}' has no dot or port, so it is no host", None
    if host in OWNED and not path:
        return f"'{host}' has a folder for each owner, and none is named", None
    return _of_path(host, path)


def _of_path(host: str, path: list[str]) -> tuple[str | None, str | None]:
    wrong = next((part for part in path if not PART.fullmatch(part)), None)
    if wrong is None:
        return None, None
    lower = [part.lower() for part in path]
    if all(PART.fullmatch(part) for part in lower):
        return f"'{wrong}' has capital letters", "/".join((host, *lower))
    return f"'{wrong}' is no part of an image's name", None


CHECK = Check(
    code="MLC614",
    title="malformed image registry",
    explanation="Images are named after the registry: a host and perhaps folders, in small letters, without a scheme "
    "and without a tag, which is the version of the model. Docker refuses anything else when the image is built.",
    run=find,
)
