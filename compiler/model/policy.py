"""``policy``: what every change of the spec has to keep."""

from __future__ import annotations

from dataclasses import dataclass

from ..source import YamlPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of the team, each off unless it is asked for; one key is one rule."""

    path: YamlPath
    require_owner: bool = False
