"""The names that generated code gives to what the spec names."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from itertools import chain, count


def snake(name: str) -> str:
    """The name of a Python module for ``name``."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "_"


def free(name: str, taken: AbstractSet[str]) -> str:
    """The name, with a number where that makes it new: as it is, and as a module."""
    names = chain((name,), (f"{name}-{number}" for number in count(2)))
    return next(one for one in names if one not in taken and snake(one) not in taken)
