"""``project``, ``stack`` and what artifacts may read from their surroundings."""

from __future__ import annotations

from dataclasses import dataclass

from ..source import YamlPath
from .values import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectInfo:
    """Who this is; the name is part of every file, image and workflow."""

    name: str
    path: YamlPath
    owner: str | None = None
    description: str = ""
    python: str = "3.11"
    code: tuple[Reference, ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where what must outlive a runner or a pod lives; None is the default home."""

    url: str | None
    path: YamlPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Where images are pushed to."""

    registry: str | None
    path: YamlPath
