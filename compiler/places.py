"""Where a project lies, and with it the only two folders that may be written to."""

from __future__ import annotations

from pathlib import Path


def git_root(folder: Path) -> Path:
    """The nearest folder upward that holds ``.git`` (a folder, or a file in worktrees and submodules), else itself."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)


def places(folder: Path, out: Path | None = None) -> tuple[Path, Path]:
    """The project folder and its Git root, or ``out`` as both."""
    return (folder, git_root(folder)) if out is None else (out, out)
