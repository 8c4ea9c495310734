"""What a name stands for, mistyped or not: the typo is reported once, and what hangs on the name is still checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..suggest import suggest

T = TypeVar("T")


def meant(name: str, definitions: Mapping[str, T]) -> T | None:
    """The definition of this name, else of the name that is nearest to it; None where there is nothing near."""
    found = definitions.get(name)
    if found is not None:
        return found
    near = suggest(name, definitions)
    return None if near is None else definitions[near]
