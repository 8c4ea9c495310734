"""Every operation on a file of the user's: the one seam between the writer and the operating system.

A folder is held open, and all that happens in it is relative to its descriptor and follows no symbolic link: whatever
is swapped behind the writer's back, it goes on in the folder that it looked at. Errors name the whole path.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from ..diagnostics import MlopscError

# Windows has neither descriptors of folders nor these flags: there, paths are used, and links are looked for first.
_RELATIVE = {os.open, os.mkdir, os.rename, os.unlink, os.rmdir, os.stat} <= os.supports_dir_fd
_CHMOD_OPEN = os.chmod in os.supports_fd
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_FOLLOW
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _NO_FOLLOW  # a pipe must not make a compile wait
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW


class Folder:
    """An open folder."""

    __slots__ = ("descriptor", "path")

    def __init__(self, path: str, descriptor: int | None) -> None:
        self.path = path
        self.descriptor = descriptor

    @classmethod
    def at(cls, path: str) -> Self:
        """The folder at a path that the user chose: links on the way there are followed."""
        with _doing("open", path):
            if not _RELATIVE:
                os.stat(path)
                return cls(path, None)
            return cls(path, os.open(path, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            with suppress(OSError):  # nothing was written through it
                os.close(descriptor)

    def identity(self) -> tuple[int, int]:
        """What tells it from every other folder, whatever path led to it."""
        with _doing("look at", self.path):
            found = os.stat(self.path if self.descriptor is None else self.descriptor)
            return found.st_dev, found.st_ino

    def folder(self, name: str) -> Folder:
        """The folder of that name in this one; a link is none, and raises like a file does."""
        path, where = self._at(name)
        with _doing("open", self.of(name)):
            if not _RELATIVE:
                if not stat.S_ISDIR(os.lstat(path).st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                return Folder(path, None)
            return Folder(self.of(name), os.open(path, _FOLDER, **where))

    def make_folder(self, name: str) -> Folder:
        """Make a folder and open it."""
        path, where = self._at(name)
        with _doing("make the folder", self.of(name)):
            os.mkdir(path, **where)
        return self.folder(name)

    def status(self, name: str) -> os.stat_result | None:
        """What stands under a name, links not followed; None where there is nothing."""
        path, where = self._at(name)
        with _doing("look at", self.of(name)):
            try:
                return os.stat(path, follow_symlinks=False, **where)
            except FileNotFoundError:
                return None

    def read(self, name: str, limit: int | None = None) -> tuple[os.stat_result, bytes]:
        """The status and the content of a file; no content where it is something else, or longer than ``limit``."""
        path, where = self._at(name)
        try:
            descriptor = os.open(path, _READ, **where)
            try:
                found = os.fstat(descriptor)
                wanted = stat.S_ISREG(found.st_mode) and (limit is None or found.st_size <= limit)
                return found, _read(descriptor, found.st_size) if wanted else b""
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _named(error, "read", self.of(name)) from None

    def create(self, name: str, content: bytes, mode: int = 0o666, *, durable: bool = False) -> None:
        """Write a file that is not there yet; ``durable``: what returns is on the disk."""
        path, where = self._at(name)
        try:
            descriptor = os.open(path, _CREATE, mode, **where)
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                if durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _named(error, "write", self.of(name)) from None

    def set_mode(self, name: str, mode: int) -> None:
        """Change the permissions of a file; a file system without permissions goes unnoticed."""
        path, where = self._at(name)
        with _doing("set the permissions of", self.of(name)):
            descriptor = os.open(path, _READ, **where)
            try:
                os.chmod(descriptor if _CHMOD_OPEN else path, mode)
            except OSError as error:
                if error.errno not in {errno.EPERM, errno.ENOTSUP}:
                    raise
            finally:
                os.close(descriptor)

    def move(self, name: str, to: Folder, new: str) -> None:
        """Put a file or folder elsewhere under a new name, in place of what is there; all of it or nothing."""
        source, here = self._at(name)
        target, there = to._at(new)
        with _doing("write", to.of(new)):
            if _RELATIVE:
                os.rename(source, target, src_dir_fd=here["dir_fd"], dst_dir_fd=there["dir_fd"])
            else:
                os.replace(source, target)

    def remove(self, name: str) -> None:
        """Remove a file or a link."""
        path, where = self._at(name)
        with _doing("remove", self.of(name)):
            os.unlink(path, **where)

    def remove_folder(self, name: str) -> bool:
        """Remove a folder if it is empty; whether it was."""
        path, where = self._at(name)
        with _doing("remove", self.of(name)):
            try:
                os.rmdir(path, **where)
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
                return False
            return True

    def names(self) -> list[str]:
        """The names of all that is in it."""
        with _doing("read", self.path):
            return os.listdir(self.path if self.descriptor is None else self.descriptor)

    def sync(self) -> None:
        """Return when the names in it are on the disk; where folders cannot be synced, this does nothing."""
        if self.descriptor is None:
            return
        with _doing("write", self.path):
            try:
                os.fsync(self.descriptor)
            except OSError as error:
                if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                    raise

    def sync_all(self) -> None:
        """Return when all of its file system is on the disk."""
        if self.descriptor is None:
            return
        with _doing("write", self.path):
            _sync_file_system(self.descriptor)

    def of(self, name: str) -> str:
        """The whole path of a name, for people."""
        return os.path.join(self.path, name)

    def _at(self, name: str) -> tuple[str, dict[str, Any]]:
        if self.descriptor is None:
            return os.path.join(self.path, name), {}
        return name, {"dir_fd": self.descriptor}


def make_folders(path: str) -> None:
    """Make a folder and those above it, where they are not there yet."""
    with _doing("make the folder", path):
        os.makedirs(path, exist_ok=True)


def can_sync_all() -> bool:
    """Whether one call brings a whole file system to the disk, and returns when it is done."""
    return sys.platform == "linux"


def own_user() -> int:
    """The user that files are written as; 0 where there are no such numbers."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _sync_file_system(descriptor: int) -> None:
    import ctypes  # noqa: PLC0415  (only where many files are written)

    library = ctypes.CDLL(None, use_errno=True)
    if library.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        if number not in {errno.ENOSYS, errno.EPERM}:  # in some sandboxes there is no such call
            raise OSError(number, os.strerror(number))


def failure(error: OSError, surely: str) -> MlopscError:
    """What to tell the user: the file, what the system says, what is certain all the same, and what to do."""
    what = (getattr(error, "__notes__", None) or [f"cannot use {error.filename}"])[0]
    says = error.strerror or str(error)
    return MlopscError(f"{what}: {says}; {surely}\n  help: {_HELP.get(error.errno or 0, _ELSE)}")


_ELSE = "mend that, then run the same command again"
_FULL = "free some space, then run the same command again"
_RIGHTS = "look at its owner and permissions, then run the same command again"
_HELP = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: f"your quota is used up: {_FULL}",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "that file system is mounted read-only: mount it writable, or compile elsewhere with -o DIR",
    errno.EIO: "the disk fails: look at the system's log, then run the same command again",
    errno.ENAMETOOLONG: "shorten that name in the spec, or use a folder higher up",
    errno.ENOENT: "somebody removed it meanwhile; run the same command again",
    errno.EXDEV: "a folder in the project is a mount of its own, and files cannot be moved there as a whole",
}


def _read(descriptor: int, size: int) -> bytes:
    first = os.read(descriptor, size + 1)
    if len(first) == size:
        return first
    parts = [first]
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


@contextmanager
def _doing(verb: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _named(error, verb, path) from None


def _named(error: OSError, verb: str, path: str) -> OSError:
    if not hasattr(error, "__notes__"):
        error.filename = path
        error.add_note(f"cannot {verb} {path}")
    return error
