"""One file of the user's, replaced as a whole: what `check --fix` does to a spec."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..diagnostics import MlopscError
from ..places import git_root
from .disk import Folder, failure


def replace_text(path: Path, old: bytes, new: bytes) -> None:
    """Replace the content ``old`` of a spec, or of a file that it includes, by ``new``: at once, durably, mode kept.

    A symbolic link is followed to its file, if that lies in the same folder tree or Git root; MlopscError where it
    leads elsewhere, where the content is no longer ``old``, and where the file cannot be written: it is unchanged then.
    """
    try:
        target = _target(path)
        with Folder.at(os.path.dirname(target)) as folder:
            _replace(folder, os.path.basename(target), old, new)
    except OSError as error:
        raise failure(error, f"{path} is unchanged") from error


def _target(path: Path) -> str:
    """Where the content is; links in the folders above are the user's own arrangement."""
    folder = os.path.abspath(path.parent)
    target = os.path.realpath(path)
    inside = (os.path.realpath(root) for root in (folder, git_root(Path(folder))))
    if not any(os.path.commonpath((target, root)) == root for root in inside):
        raise MlopscError(
            f"{path} is a symbolic link to {target}, outside of this repository; it is left as it is\n"
            "  help: change that file by hand, or replace the link by a file"
        )
    return target


def _replace(folder: Folder, name: str, old: bytes, new: bytes) -> None:
    found = folder.read(name)[0]
    if not stat.S_ISREG(found.st_mode):
        raise MlopscError(f"{folder.of(name)} is not a file; nothing was changed")
    temporary = f".mlopsc-{os.getpid()}.tmp"  # short, since the name may be as long as a name can be
    try:
        folder.create(temporary, new, mode=0o600, durable=True)
        folder.set_mode(temporary, stat.S_IMODE(found.st_mode))
        _expect(folder, name, old)
        folder.move(temporary, folder, name)
    except BaseException:
        _forget(folder, temporary)
        raise
    folder.sync()


def _expect(folder: Folder, name: str, old: bytes) -> None:
    if folder.read(name)[1] != old:
        raise MlopscError(
            f"{folder.of(name)} was changed by somebody else meanwhile; it is left as it is\n"
            "  help: run the same command again"
        )


def _forget(folder: Folder, temporary: str) -> None:
    try:
        folder.remove(temporary)
    except OSError:  # the first failure is the one to tell
        return
