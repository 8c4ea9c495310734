"""What kind of place a path or URL of the spec names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath


def is_local(place: str) -> bool:
    """Whether ``place`` is a path on this machine, and not a URL or a reference to a variable."""
    return place.startswith("file:") or not (re.match(r"[A-Za-z][\w+.-]+:", place) or place.startswith("${"))


def leaves_project(path: str) -> bool:
    """Whether a path, relative to the project folder, can lead out of it."""
    windows = re.match(r"[A-Za-z]:[\\/]", path) is not None or "\\" in path
    parts = PurePosixPath(path).parts
    return windows or path.startswith(("/", "~")) or ".." in parts
