"""The content of files and folders as one hash each, read again only when a file's status changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

SETTLED_NS = 50_000_000
"""A file younger than this when it was hashed may change once more within one tick of the clock: not remembered."""

ABSENT = "absent"
HOME_PREFIX = ".mlops/"
_REFERENCE = re.compile(r"\$\{(\w+)\}")
IGNORED = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


class Fingerprints:
    """Content hashes of a project's files; ``memory`` keeps those of settled files between runs.

    Paths are relative to ``root``; those below ``.mlops/`` lie in ``home``, wherever that is.
    """

    def __init__(self, root: Path, home: Path, memory: Path) -> None:
        self._root = root
        self._home = home
        self._memory = memory
        self._known: dict[str, list[object]] = _remembered(memory)
        self._seen: dict[str, str] = {}
        self._changed = False

    def of(self, path: str) -> str:
        """The hash of a file, a folder or a glob, ``${NAME}`` in it replaced; ``absent`` where there is nothing.

        A URL has none that could be known here: it gives a value that never comes twice.
        """
        path = _REFERENCE.sub(lambda found: os.environ.get(found[1], found[0]), path)
        if "://" in path:
            return f"remote:{time.time_ns()}"
        known = self._seen.get(path)
        if known is None:
            known = self._seen[path] = self._now(path)
        return known

    def look_again(self) -> None:
        """Files may have changed: what was seen of them counts no more."""
        self._seen.clear()

    def _now(self, path: str) -> str:
        if any(sign in path for sign in "*?["):
            top = Path(Path(path).anchor or self._root)
            found = sorted(top.glob(path.removeprefix(str(top))))
            return _combined((p.relative_to(top).as_posix(), self._any(str(p))) for p in found)
        return self._any(str(self.place(path)))

    def place(self, path: str) -> Path:
        """Where ``path`` lies."""
        inside = path.removeprefix(HOME_PREFIX)
        return self._root / path if inside == path else self._home / inside

    def save(self) -> None:
        """Write down what was hashed, for the next run."""
        if not self._changed:
            return
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._memory.with_name(f".{self._memory.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(self._known), encoding="utf-8")
        temporary.replace(self._memory)

    def _any(self, path: str) -> str:
        if os.path.isdir(path):  # noqa: PTH112  (a folder has hundreds of files, and a Path of each takes its time)
            below = len(path) + 1
            return _combined((file[below:].replace(os.sep, "/"), self._file(file)) for file in _files_below(path))
        return self._file(path)

    def _file(self, path: str) -> str:
        try:
            status = os.stat(path)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        stamp = [status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns]
        known = self._known.get(path)
        if known is not None and known[:-1] == stamp:
            return str(known[-1])
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._remember(path, stamp, digest)
        return digest

    def _remember(self, path: str, stamp: list[int], digest: str) -> None:
        self._changed = True
        if time.time_ns() - max(stamp[0], stamp[3]) > SETTLED_NS:
            self._known[path] = [*stamp, digest]
        else:
            self._known.pop(path, None)


def _remembered(memory: Path) -> dict[str, list[object]]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a lost or torn memory only costs hashing again
        return {}
    return known if isinstance(known, dict) else {}


def _files_below(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        for name in sorted(names):
            yield f"{parent}{os.sep}{name}"


def _combined(parts: Iterator[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for name, value in parts:
        digest.update(f"{name}\0{value}\n".encode())
    return digest.hexdigest()
