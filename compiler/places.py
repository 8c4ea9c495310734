"""Where a project lies, and with it the only two folders that may be written to."""

from __future__ import annotations

from pathlib import Path

from .writer import Roots


def roots_of(folder: Path, out: Path | None = None) -> Roots:
    """The project folder and its Git root, or ``out`` as a repository of its own."""
    if out is not None:
        return Roots(project=out, git=out)
    git = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    return Roots(project=folder, git=git)
