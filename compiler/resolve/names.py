"""The names that generated code gives to what the spec names."""

from __future__ import annotations

import re
from collections.abc import Iterable


def snake(name: str) -> str:
    """The name of a Python module for ``name``."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "_"


def free(name: str, taken: Iterable[str]) -> str:
    """The name, with as many underscores as make it new."""
    used = set(taken)
    while name in used or snake(name) in used:
        name += "_"
    return name
