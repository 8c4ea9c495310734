"""The files that are installed with the compiler, wherever that is."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path


@cache
def template_folder() -> Path:
    """The folder of all templates."""
    return _folder_of("mlopsc.templates")


@cache
def schema_folder() -> Path:
    """The folder of the JSON Schemas."""
    return _folder_of("mlopsc.schemas")


def _folder_of(package: str) -> Path:
    """Where a package without code lies: `importlib.resources` says the same, and takes longer to import."""
    return Path(import_module(package).__path__[0])
