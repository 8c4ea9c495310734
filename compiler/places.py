"""Where a project lies, and with it the only two folders that may be written to."""

from __future__ import annotations

from pathlib import Path


def places(folder: Path, out: Path | None = None) -> tuple[Path, Path]:
    """The project folder and its Git root, or ``out`` as both."""
    if out is not None:
        return out, out
    return folder, next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
