"""The files that are installed with the compiler, wherever that is."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def template_folder() -> Path:
    """The folder of all templates."""
    return Path(str(files("mlopsc.templates")))
