"""Faults on purpose: an operating system that fails at one chosen call, and what must be true afterwards."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mlopsc.writer import disk

State = Mapping[str, tuple[int, bytes]]
PURE = frozenset({"fspath", "strerror", "geteuid", "fsencode", "fsdecode"})  # they touch no file


class Dead(BaseException):
    """The process is gone: nothing more of it runs."""


class FaultyOs:
    """The module ``os`` as the writer sees it: whatever it calls is counted, and the call ``at`` fails.

    An operation that is added to the writer is counted and failed like all others, without a new test.
    """

    def __init__(self, at: int = 0, fault: str = "") -> None:
        self.calls: list[str] = []
        self._at = at
        self._fault = fault
        self._dead = False
        self._open: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self.failing(name, real) if callable(real) and name not in PURE else real

    def failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """The function, which fails when its turn has come."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            if self._dead:
                raise Dead
            self.calls.append(name)
            if len(self.calls) == self._at or (self._fault.startswith("lasting") and 0 < self._at < len(self.calls)):
                self._fail(name, real, arguments, keywords)
            result = real(*arguments, **keywords)
            if name == "open":
                self._open.add(result)
            elif name == "close":
                self._open.discard(arguments[0])
            return result

        return call

    def _fail(self, name: str, real: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if name == "close":  # a failing close closes all the same
            self._open.discard(arguments[0])
            real(*arguments)
        if self._fault == "short write" and name == "write":
            os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
        if self._fault == "death after" and name != "close":
            with suppress(OSError):
                result = real(*arguments, **keywords)
                if name == "open":
                    self._open.add(result)
        if self._fault.startswith("death"):
            self._dead = True
            raise Dead
        word = self._fault.split()[-1]
        number = getattr(errno, word) if hasattr(errno, word) else errno.ENOSPC
        raise OSError(number, os.strerror(number))

    def end(self) -> None:
        """Close what the dead process had open, as the system does."""
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()


@contextmanager
def faulty(at: int = 0, fault: str = "") -> Iterator[FaultyOs]:
    """Let the writer work on an ``os`` that fails at one call, counted from 1."""
    fake = FaultyOs(at, fault)
    sync = disk._sync_file_system  # noqa: SLF001  (the one call that is not in `os`)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "os", fake)
        patch.setattr(disk, "_sync_file_system", fake.failing("syncfs", sync))
        try:
            yield fake
        finally:
            fake.end()


def snapshot(folder: Path) -> State:
    """All that is below a folder: modes, contents, targets of links; but not what the last compile remembers of it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] == ".mlops":
            continue
        status = path.lstat()
        content = b""
        if stat.S_ISREG(status.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(status.st_mode):
            content = os.fsencode(path.readlink())
        found[path.relative_to(folder).as_posix()] = (status.st_mode, content)
    return found


def torn(now: State, *sound: State) -> dict[str, bytes | None]:
    """The files that are not as they are in one of the ``sound`` states; what is missing counts."""
    generated = {path for state in sound for path in _files(state)}
    allowed = {path: {_files(state).get(path) for state in sound} for path in generated}
    found = {path: _files(now).get(path) for path in generated}
    return {path: content for path, content in found.items() if content not in allowed[path]}


def _files(state: State) -> dict[str, bytes]:
    """The contents of all files but the lock, which knows more than either state during a compile."""
    return {
        path: content
        for path, (mode, content) in state.items()
        if stat.S_ISREG(mode) and not path.endswith("mlops.lock")
    }
