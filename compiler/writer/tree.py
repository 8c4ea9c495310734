"""Paths below an open root: their folders opened one within the other, so that no link on the way is followed."""

from __future__ import annotations

import errno
import stat
from typing import Self

from ..diagnostics import MlopscError
from .disk import Folder

_NO_FOLDER = {errno.ENOTDIR, errno.ELOOP, errno.EMLINK}  # what systems say of a file or a link in place of a folder


class ObstacleError(MlopscError):
    """Something stands where a folder must be; ``at`` is its path relative to the root."""

    def __init__(self, message: str, at: str) -> None:
        super().__init__(message)
        self.at = at


class Tree:
    """The folders below a root; the last ones stay open, so that sorted paths open each folder once."""

    def __init__(self, root: Folder | None) -> None:
        self.root = root
        self._open: list[tuple[str, Folder]] = []
        self._last: str | None = ""  # what the open folders lead to; None where that is not known
        self.missing: str | None = None  # the topmost folder of the last path that is not there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Look again from the root: something was moved."""
        self._shorten(0)
        self._last, self.missing = "", None

    def folder(self, relative: str) -> Folder | None:
        """The folder; None (and ``missing``) where it is not there, ObstacleError where something else is."""
        if self.root is None:
            self.missing = relative.partition("/")[0] or None
            return None
        if self.missing is not None and f"{relative}/".startswith(f"{self.missing}/"):
            return None
        if relative != self._last or self.missing is not None:
            self._last, self.missing = None, None
            self._walk(relative.split("/") if relative else [])
            if self.missing is not None:
                return None
            self._last = relative
        return self._open[-1][1] if self._open else self.root

    def make(self, relative: str) -> Folder:
        """The folder, made where it is not there yet; only for a tree that nobody else writes to, and sorted paths."""
        parts = relative.split("/") if relative else []
        self._last = None
        for name in parts[self._shared(parts) :]:
            self._open.append((name, self._top().make_folder(name)))
        return self._top()

    def _top(self) -> Folder:
        if self._open:
            return self._open[-1][1]
        if self.root is None:
            raise AssertionError("nothing can be made below a root that is not there")
        return self.root

    def _shared(self, parts: list[str]) -> int:
        same = 0
        for (name, _), part in zip(self._open, parts, strict=False):
            if name != part:
                break
            same += 1
        self._shorten(same)
        return same

    def _shorten(self, length: int) -> None:
        while len(self._open) > length:
            self._open.pop()[1].close()

    def _walk(self, parts: list[str]) -> None:
        for depth in range(self._shared(parts), len(parts)):
            try:
                self._open.append((parts[depth], self._top().folder(parts[depth])))
            except FileNotFoundError:
                self.missing = "/".join(parts[: depth + 1])
                return
            except OSError as error:
                if error.errno not in _NO_FOLDER:
                    raise
                raise self._obstacle(parts[: depth + 1]) from None

    def _obstacle(self, parts: list[str]) -> ObstacleError:
        found = self._top().status(parts[-1])
        link = found is not None and stat.S_ISLNK(found.st_mode)
        what = "a symbolic link" if link else "a file"
        why = "and the compiler follows none" if link else "and a folder of that name is needed"
        path = self._top().of(parts[-1])
        return ObstacleError(
            f"{path} is {what}, {why}; nothing was written\n  help: move it away, then compile again", "/".join(parts)
        )
