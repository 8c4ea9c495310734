"""A registered version of a model, and what every registry can do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

CHAMPION, CHALLENGER = "champion", "challenger"

LINEAGE = "lineage.json"
"""The file of a package that says what the version is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A registered version with what is known about where it comes from."""

    name: str
    version: str
    created: str
    aliases: tuple[str, ...] = ()
    run_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Who made a version the champion, and why."""

    by: str
    why: str
    at: str


class Registry(Protocol):
    """What the steps need of a registry, for one model."""

    def register(self, package: Path, run_id: str | None, tags: dict[str, str]) -> Version:
        """Store ``package`` as a new version, the challenger."""

    def versions(self) -> list[Version]:
        """Every version, newest first."""

    def champion(self) -> Version | None:
        """The version that is deployed; None before the first promotion."""

    def fetch(self, version: Version, into: Path) -> Path:
        """The package of ``version``, in a folder below ``into``."""

    def promote(self, version: Version, promotion: Promotion) -> None:
        """Make ``version`` the champion."""
