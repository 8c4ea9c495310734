"""``policy``: what every change of the spec has to keep."""

from __future__ import annotations

from ..records import record
from ..source import YamlPath


@record
class Policy:
    """The rules of the team, each off unless it is asked for; one key is one rule."""

    path: YamlPath
    require_owner: bool = False
