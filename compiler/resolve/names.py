"""The names that generated code gives to what the spec names."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet


def snake(name: str) -> str:
    """The name of a Python module for ``name``."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "_"


def free(name: str, taken: AbstractSet[str]) -> str:
    """The name, with as many underscores as make it new."""
    while name in taken or snake(name) in taken:
        name += "_"
    return name
