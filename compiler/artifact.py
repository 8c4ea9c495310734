"""What a target gives back: files as values, not yet bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .records import record

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@record
class Template:
    """A Jinja template below ``templates/`` and the frozen view that is all it sees."""

    name: str  # e.g. "github_actions/ci.yml.j2"
    view: object


@record
class Copy:
    """A file below ``templates/`` that is written as it stands."""

    name: str


@record
class Tree:
    """Data that is dumped: ``json`` or ``yaml``, by the ending of the artifact's path."""

    data: Json
    comment: str | None = None


@record
class Text:
    """Text made by a printer of its own, such as compiled Python."""

    text: str


@record
class Artifact:
    """One file to write; ``root`` is the folder that its path is relative to."""

    path: str  # POSIX
    content: Template | Copy | Tree | Text
    root: str = "project"  # project | git
    executable: bool = False
