"""One run at a time in one project: two would write the same files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..diagnostics import MlopscError


@contextmanager
def single_run(lock: Path) -> Iterator[tuple[int, ...]]:
    """Hold the lock; yields the descriptors that children inherit, so that an orphan still holds it."""
    try:
        import fcntl  # noqa: PLC0415  (not on every platform; without it nothing is locked)
    except ImportError:
        yield ()
        return
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = "wait for it, or end it"
            raise MlopscError(f"another run works in {lock.parent}\n  help: {hint}") from None
        yield (descriptor,)
    finally:
        os.close(descriptor)
