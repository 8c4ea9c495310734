"""The only part that writes: new files at once, hand edits kept, nothing outside the two roots.

A compile is repairable at every moment: everything is staged first, then the lock learns both the old and the new
digests, then the files are renamed into place one by one, then the lock forgets the old digests.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from .. import lock as locks
from ..diagnostics import MlopscError
from ..lock import LOCK_NAME, Lock, digest

STAGING = ".mlopsc-staging"
PATIENCE = 10.0  # seconds to wait for another compile


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The bytes of one file."""

    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The only two folders that may be written to; the project folder lies in the Git root."""

    project: Path
    git: Path

    def place(self, path: str) -> Path:
        """Where ``path`` (relative to the project folder) lies; MlopscError where that is outside both roots."""
        target = Path(os.path.normpath(self.project / path))
        parent = Path(os.path.realpath(target.parent))
        if not any(parent.is_relative_to(os.path.realpath(root)) for root in (self.project, self.git)):
            raise MlopscError(f"{path} leads outside of {self.git}; is one of its folders a symbolic link?")
        return target


class Action(StrEnum):
    """What a compile does to one file."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "unchanged"
    EDITED = "edited"  # by hand: kept, unless forced
    REMOVE = "remove"
    STALE_EDITED = "stale-edited"  # no longer generated, but edited by hand: kept, unless forced
    GONE = "gone"  # no longer generated and no longer there


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file and what happens to it."""

    path: str
    action: Action
    digest: str | None = None  # of what is rendered

    @property
    def by_hand(self) -> bool:
        """Whether somebody edited the file."""
        return self.action in {Action.EDITED, Action.STALE_EDITED}


WRITES = frozenset({Action.CREATE, Action.UPDATE})


def read_lock(roots: Roots) -> Lock:
    """The lock on disk; a lost one knows nothing."""
    try:
        return locks.parse((roots.project / LOCK_NAME).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return Lock(digests={})


def compare(rendered: Mapping[str, Rendered], roots: Roots, *, partial: bool = False) -> tuple[Change, ...]:
    """What a compile would do, sorted by path; a ``partial`` one leaves the files it does not render alone."""
    known = read_lock(roots)
    changes = [_compare(path, file, roots, known) for path, file in rendered.items()]
    if not partial:
        changes += [_stale(path, roots, known) for path in known.digests if path not in rendered]
    return tuple(sorted(changes, key=lambda change: change.path))


def _compare(path: str, file: Rendered, roots: Roots, known: Lock) -> Change:
    new = digest(file.content)
    found = _digest_on_disk(roots.place(path))
    if found is None:
        action = Action.CREATE
    elif found == new:
        action = Action.KEEP
    else:
        action = Action.UPDATE if known.knows(path, found) else Action.EDITED
    return Change(path=path, action=action, digest=new)


def _stale(path: str, roots: Roots, known: Lock) -> Change:
    try:
        found = _digest_on_disk(roots.place(path))
    except MlopscError:  # a lock that somebody else wrote names a file that is not ours to touch
        found = None
    if found is None:
        return Change(path=path, action=Action.GONE)
    return Change(path=path, action=Action.REMOVE if known.knows(path, found) else Action.STALE_EDITED)


def _digest_on_disk(target: Path) -> str | None:
    """The digest of a file, None where there is none; a symbolic link has none of ours."""
    if target.is_symlink():
        return "symbolic link"
    if target.is_dir():
        raise MlopscError(f"{target} is a folder, and a file of that name is to be written; move it away")
    try:
        return digest(target.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def lock_text(changes: tuple[Change, ...], roots: Roots, *, force: bool = False, partial: bool = False) -> str:
    """The lock after a compile: new digests, and the old ones of the files that are kept as they are."""
    known = read_lock(roots)
    pairs = [(change.path, change.digest) for change in changes if change.digest and (force or not change.by_hand)]
    kept = {change.path for change in changes if change.by_hand and not force}
    if partial:
        kept |= set(known.digests) - {change.path for change in changes}
    pairs += [(path, one) for path in kept for one in known.digests.get(path, frozenset())]
    return locks.of(pairs).text


def is_current(changes: tuple[Change, ...], roots: Roots, *, partial: bool = False) -> bool:
    """Whether a compile would change nothing on disk, the lock included."""
    if any(change.action is not Action.KEEP for change in changes):
        return False
    try:
        return (roots.project / LOCK_NAME).read_text(encoding="utf-8") == lock_text(changes, roots, partial=partial)
    except FileNotFoundError:
        return False


def write(
    rendered: Mapping[str, Rendered], roots: Roots, *, force: bool = False, partial: bool = False
) -> tuple[Change, ...]:
    """Make the disk what was rendered; what it did, hand edits named and kept unless ``force``."""
    try:
        with alone(roots.project):
            return _write(rendered, roots, force=force, partial=partial)
    except OSError as error:
        where = error.filename2 or error.filename or roots.project
        raise MlopscError(
            f"cannot write {where}: {error.strerror or error}; nothing is lost, mend that and compile again"
        ) from error


def _write(rendered: Mapping[str, Rendered], roots: Roots, *, force: bool, partial: bool) -> tuple[Change, ...]:
    _clear_staging(roots)  # what a killed compile left
    changes = compare(rendered, roots, partial=partial)
    writing = [c.path for c in changes if c.action in WRITES or (force and c.action is Action.EDITED)]
    removing = [c.path for c in changes if c.action is Action.REMOVE or (force and c.action is Action.STALE_EDITED)]
    final = lock_text(changes, roots, force=force, partial=partial)
    _set_modes(rendered, roots, changes)
    if not writing and not removing:
        _replace_lock(roots, final)
        return changes
    with _staging(roots, writing) as staged:
        for path in writing:
            _stage(staged[path], rendered[path])
        _replace_lock(roots, _both(read_lock(roots), locks.parse(final)).text)
        _rename_all(staged, roots)
    for path in removing:
        _remove(path, roots)
    _replace_lock(roots, final)
    return changes


def _both(old: Lock, new: Lock) -> Lock:
    return locks.of((path, one) for lock in (old, new) for path, found in lock.digests.items() for one in found)


def _set_modes(rendered: Mapping[str, Rendered], roots: Roots, changes: tuple[Change, ...]) -> None:
    for change in changes:
        if change.action is not Action.KEEP or not rendered[change.path].executable:
            continue
        target = roots.place(change.path)
        if not os.access(target, os.X_OK):
            target.chmod(target.stat().st_mode | 0o111)


@contextmanager
def _staging(roots: Roots, paths: list[str]) -> Iterator[dict[str, Path]]:
    """Where each path is written first: in a folder of its own in the root that it belongs to, gone at the end."""
    outside = [path for path in paths if path.startswith("../")]
    try:
        staged = {path: roots.project / STAGING / path for path in paths}
        yield staged | {path: roots.git / STAGING / str(number) for number, path in enumerate(outside)}
    finally:
        _clear_staging(roots)


def _clear_staging(roots: Roots) -> None:
    for folder in {roots.project / STAGING, roots.git / STAGING}:
        shutil.rmtree(folder, ignore_errors=True)


def _stage(target: Path, file: Rendered) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.content)
    if file.executable:
        target.chmod(target.stat().st_mode | 0o111)


def _rename_all(staged: Mapping[str, Path], roots: Roots) -> None:
    """Rename whole new folders first, so that a first compile is there completely or not at all; then single files."""
    folders = sorted({PurePosixPath(path).parts[0] for path in staged if _is_new_folder(path, roots)})
    for folder in folders:
        (roots.project / STAGING / folder).replace(roots.project / folder)
    for path, source in staged.items():
        if PurePosixPath(path).parts[0] in folders:
            continue
        target = roots.place(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def _is_new_folder(path: str, roots: Roots) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and parts[0] != ".." and not os.path.lexists(roots.project / parts[0])


def _remove(path: str, roots: Roots) -> None:
    target = roots.place(path)
    target.unlink(missing_ok=True)
    top = {roots.project, roots.git}
    for folder in target.parents:
        if folder in top or any(folder.iterdir()):
            return
        folder.rmdir()


def _replace_lock(roots: Roots, text: str) -> None:
    target = roots.project / LOCK_NAME
    if target.is_file() and target.read_bytes() == text.encode():
        return
    temporary = roots.project / f".{LOCK_NAME}.tmp"
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(target)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder against a second compile; MlopscError when the other one takes too long."""
    import fcntl  # noqa: PLC0415  (POSIX only, and only needed here)

    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise MlopscError(f"another compile is at work in {folder}; try again when it is done") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
