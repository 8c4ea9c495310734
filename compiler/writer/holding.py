"""One compile at a time in a folder: the second waits for the first, or says that it gave up.

The system's lock on the open folder ends with the process that holds it, however it ends. Where the file system has
none (some network shares) a file with the process and the host stands in; it is taken over when that process is dead.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..diagnostics import MlopscError
from .disk import Folder, make_folders

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

BUSY = ".mlopsc-busy"
PATIENCE = 10.0  # seconds to wait for another compile
PAUSE = 0.05  # seconds between two tries
_WITHOUT = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL, errno.EPERM}


@contextmanager
def alone(*folders: Path) -> Iterator[None]:
    """Hold the folders against a second compile; MlopscError when the other one takes too long."""
    held = set()
    with ExitStack() as stack:
        for path in folders:
            make_folders(str(path))
            folder = stack.enter_context(Folder.at(str(path)))
            if (which := folder.identity()) in held:  # also by another name
                continue
            held.add(which)
            by_system = _wait(folder)
            if not by_system:
                stack.callback(folder.remove, BUSY)
        yield


def _wait(folder: Folder) -> bool:
    """Hold the folder, sooner or later; whether the system does it, so that nothing has to be given back."""
    deadline = time.monotonic() + PATIENCE
    while True:
        by_system = _by_system(folder)
        late = time.monotonic() > deadline
        held = _by_file(folder, late=late) if by_system is None else by_system
        if held:
            return by_system is True
        if late:
            rest = f"; if none is, remove {folder.of(BUSY)}" if by_system is None else ""
            raise MlopscError(
                f"another compile is at work in {folder.path}; nothing was written\n"
                f"  help: try again when it is done{rest}"
            )
        time.sleep(PAUSE)


def _by_system(folder: Folder) -> bool | None:
    """Whether the system gave us the folder; None where it has no locks."""
    descriptor = folder.descriptor
    if fcntl is None or descriptor is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _WITHOUT:
            return None
        error.add_note(f"cannot lock {folder.path}")
        raise
    return True


def _by_file(folder: Folder, *, late: bool) -> bool:
    if _take(folder):
        return True
    try:
        found = folder.read(BUSY)[1]
        # Whoever lives writes its name at once; who has not done so in all that time died in between.
        if _is_dead(found) or (late and not found.endswith(b"\n")):
            _take_away(folder, found)
            return _take(folder)
    except FileNotFoundError:  # given back, or taken away by another compile
        return False
    return False


def _take(folder: Folder) -> bool:
    try:
        folder.create(BUSY, _me())
    except FileExistsError:
        return False
    except OSError:
        with suppress(OSError):
            folder.remove(BUSY)
        raise
    return True


def _take_away(folder: Folder, left: bytes) -> None:
    """Remove what a dead process left; what another one put there meanwhile is given back."""
    aside = f"{BUSY}-{os.getpid()}"
    folder.move(BUSY, folder, aside)
    if folder.read(aside)[1] == left:
        folder.remove(aside)
    else:
        folder.move(aside, folder, BUSY)


def _me() -> bytes:
    return f"{os.getpid()} {_host()}\n".encode()


def _is_dead(holder: bytes) -> bool:
    number, _, host = holder.decode(errors="replace").strip().partition(" ")
    if os.name == "nt" or host != _host() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _host() -> str:
    import socket  # noqa: PLC0415  (only where the file system has no locks)

    return socket.gethostname()
