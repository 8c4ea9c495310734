"""``mlops.pins.json``: what is pinned besides the built-in table; compile reads it and never writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One third-party action: its version for people, its commit for the machine."""

    version: str
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Actions by name, images by tag, and the hash of the compiler's own wheel where it is known."""

    actions: Mapping[str, Pin]
    images: Mapping[str, str] = field(default_factory=dict)
    compiler_hashes: tuple[str, ...] = ()
