"""``environments``: the places that one model version moves through."""

from __future__ import annotations

from typing import Any

from ..records import record
from ..source import YamlPath


@record
class Environment:
    """One environment; ``overrides`` are the leaves of its ``set``, each with the path in the base spec."""

    name: str
    path: YamlPath
    approval: str = "none"  # none | required
    namespace: str | None = None
    auth: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # cloud -> its settings
    prometheus: str | None = None
    runs_on: tuple[tuple[str, str], ...] = ()
    overrides: tuple[tuple[YamlPath, Any], ...] = ()
