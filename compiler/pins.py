"""``mlops.pins.json``: what is pinned besides the built-in table; compile reads it and never writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from .diagnostics import MlopscError
from .records import record

PINS_NAME = "mlops.pins.json"
_SHA = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@record
class Pin:
    """One third-party action: its version for people, its commit for the machine."""

    version: str
    sha: str


@record
class Pins:
    """Actions by name, images by tag, and the hash of the compiler's own wheel where it is known."""

    actions: Mapping[str, Pin]
    images: Mapping[str, str] = field(default_factory=dict)
    compiler_hashes: tuple[str, ...] = ()


def read(project: Path) -> Pins:
    """The built-in table, overlaid with the project's own pins; MlopscError where that file cannot be understood."""
    built_in = json.loads((Path(__file__).parent / "catalogue" / "actions.json").read_text(encoding="utf-8"))
    path = project / PINS_NAME
    try:
        own = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        own = {}
    except ValueError as error:
        raise MlopscError(f"{path} is not JSON: {error}; write it again or remove it") from error
    try:
        return Pins(
            actions={name: _pin(name, pin) for name, pin in {**built_in, **own.get("actions", {})}.items()},
            images={tag: _matching(_DIGEST, digest) for tag, digest in own.get("images", {}).items()},
            compiler_hashes=tuple(_matching(_DIGEST, one) for one in own.get("compiler", {}).get("hashes", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise MlopscError(f"{path} is not what it should be: {error}; write it again or remove it") from error


def _pin(name: str, pin: Any) -> Pin:
    if not isinstance(pin["version"], str) or "\n" in pin["version"]:
        raise ValueError(f"the version of '{name}' is no text on one line")
    return Pin(version=pin["version"], sha=_matching(_SHA, pin["sha"]))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"'{text}' is no digest")
    return text
