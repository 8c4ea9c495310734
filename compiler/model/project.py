"""``project``, ``stack`` and what artifacts may read from their surroundings."""

from __future__ import annotations

from ..records import record
from ..source import YamlPath
from .values import Reference


@record
class ProjectInfo:
    """Who this is; the name is part of every file, image and workflow."""

    name: str
    path: YamlPath
    owner: str | None = None
    description: str = ""
    python: str = "3.11"
    code: tuple[Reference, ...] = ()
    requirements: tuple[str, ...] = ()


@record
class Stack:
    """Which tool fills each role; ``paths`` says where a word that was given stands."""

    ci: str
    orchestrator: str
    tracking: str
    registry: str
    data_quality: str
    data_engine: str
    feature_store: str
    data_versioning: str
    deploy: str
    alerts: tuple[Reference, ...]
    path: YamlPath = ("stack",)


@record
class Storage:
    """Where what must outlive a runner or a pod lives; None is the default home."""

    url: str | None
    path: YamlPath


@record
class Images:
    """Where images are pushed to."""

    registry: str | None
    path: YamlPath
