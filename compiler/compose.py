"""One document from several files: ``include`` and the ``set`` of environments."""

from __future__ import annotations

from pathlib import Path

from .loader import Loaded, load


def compose(spec: Path) -> Loaded:
    """The spec with every file that it includes."""
    return load(spec)
