"""Data that DVC tracks: the pointer beside it says which bytes belong there, and where they came from."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from ..core import paths

_FIELD = re.compile(
    r"^[ \t-]*(md5|size|path|rev_lock|url):[ \t]*(?:'([^']*)'|\"([^\"]*)\"|(\S.*?))[ \t]*$", re.MULTILINE
)
_WILD = re.compile(r"[*?\[]")


def pointer(path: str) -> Path | None:
    """The ``.dvc`` file of a path of the project, or of the nearest folder above it; None where nothing tracks it."""
    wild = _WILD.search(path)
    parts = Path(path[: wild.start()].rpartition("/")[0] if wild else path)
    for candidate in (parts, *parts.parents):
        if candidate.name:
            file = paths.root() / candidate.parent / f"{candidate.name}.dvc"
            if file.is_file():
                return file
    return None


def pull_hint(path: str) -> str | None:
    """The command that fetches a file which is not here; None where DVC does not track it."""
    found = pointer(path)
    return f"DVC keeps it: dvc pull {found.relative_to(paths.root()).as_posix()}" if found else None


def tracked(path: str | None) -> dict[str, Any] | None:
    """What DVC says about a path: its pointer, the MD5 there, and the revision that it was imported from, if any.

    ``changed`` says whether the file has other bytes now; of a folder nobody says.
    """
    found = pointer(path) if path and "://" not in path else None
    if found is None:
        return None
    fields = {name: a or b or c for name, a, b, c in _FIELD.findall(found.read_text(encoding="utf-8"))}
    record: dict[str, Any] = {"file": found.relative_to(paths.root()).as_posix(), "md5": fields.get("md5")}
    if "rev_lock" in fields:
        record |= {"repository": fields.get("url"), "rev": fields["rev_lock"]}
    content = found.with_suffix("")
    if content.is_file():
        with content.open("rb") as stream:
            record["changed"] = hashlib.file_digest(stream, "md5").hexdigest() != record["md5"]
    return record
