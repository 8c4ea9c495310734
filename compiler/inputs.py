"""What a compile reads of the project besides the spec, remembered so that a later one can tell whether it changed."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path, PurePosixPath

from .records import record

MAX_CODE = 2_000_000
"""How much of one file of the user's is read, in bytes."""


@record
class Inputs:
    """The files of one folder, and what was found where they should be; paths are relative to it."""

    folder: Path
    digests: dict[str, str | None] = field(default_factory=dict)
    present: dict[str, bool] = field(default_factory=dict)

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none, it lies outside, or it is no text."""
        raw = content(self.folder, path)
        self.digests[path] = digest(raw)
        try:
            return None if raw is None else raw.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def exists(self, path: str) -> bool:
        """Whether there is this file or folder."""
        try:
            found = (self.folder / path).exists()
        except (OSError, ValueError):  # a name that no file can have
            found = False
        self.present[path] = found
        return found


def content(folder: Path, path: str) -> bytes | None:
    """The bytes of a file below ``folder``, at most ``MAX_CODE`` of them."""
    inside = PurePosixPath(path)
    if inside.is_absolute() or ".." in inside.parts:
        return None
    file = folder / inside
    try:
        return file.read_bytes()[:MAX_CODE] if file.is_file() else None
    except (OSError, ValueError):  # not there, or a name that no file can have
        return None


def digest(raw: bytes | None) -> str | None:
    """The SHA-256 of what was read; None stands for nothing."""
    import hashlib  # noqa: PLC0415  (most specs name no other file)

    return None if raw is None else hashlib.sha256(raw).hexdigest()
