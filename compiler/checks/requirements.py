"""One line of ``project.requirements``, read as pip reads it (PEP 508)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, takewhile

from ..model.project import ProjectInfo
from ..records import record
from ..source import Sources, YamlPath

_SLIPS = (
    (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="),
    (re.compile(r"(?<![=<>!~])=(?!=)"), "=="),
    (re.compile(r"(?<=[\w*])\s+(?=[<>=!~])(?<=\d\s)"), ","),
    (re.compile(r"(?<=[<>]=)(\s*[\w.]+)\.\*"), r"\1"),
)
"""What people write instead, and what it means."""


@record
class Requirement:
    """A package by its name, the versions that will do, and where it comes from if not from an index."""

    name: str
    versions: str = ""
    url: str | None = None


def read(text: str) -> Requirement | None:
    """The requirement, or None where pip would refuse it."""
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415  (few projects have any)
    from packaging.requirements import Requirement as Parsed  # noqa: PLC0415

    try:
        found = Parsed(text.strip())
    except InvalidRequirement:
        return None
    return Requirement(name=found.name, versions=str(found.specifier), url=found.url)


def mended(text: str) -> str | None:
    """The requirement that a usual slip of the pen meant; None where it is no such slip."""
    right = text.strip()
    for wrong, instead in _SLIPS:
        right = wrong.sub(instead, right)
    return right if right != text.strip() and read(right) is not None else None


def written(project: ProjectInfo, sources: Sources) -> Iterator[tuple[str, YamlPath]]:
    """The requirements with their places; the place of the list where an invalid item has shifted them."""
    place = (*project.path, "requirements")
    items: list[YamlPath] = list(takewhile(lambda item: item in sources.entries, ((*place, i) for i in count())))
    whole = len(items) == len(project.requirements)
    yield from zip(project.requirements, items if whole else [place] * len(project.requirements), strict=True)


def is_local(place: str) -> bool:
    """Whether it is a file or folder: what begins with a dot or a slash, or is an archive without a scheme."""
    windows = re.match(r"[A-Za-z]:[\\/]|.*\\", place) is not None
    archive = "://" not in place and place.endswith((".whl", ".tar.gz", ".zip"))
    return windows or archive or place.startswith((".", "/", "~/", "file:", "-e ."))
