"""A compile as one transaction: at every moment each file is old or new, and compiling again mends the rest.

1. Everything is written to a staging folder; a full disk is noticed here, and nothing has happened yet.
2. The lock learns the new digests beside the old ones: whichever of the two is found later, it is no hand edit.
3. Stale files go. New folders are moved into place as a whole, then new files one by one over the old ones.
4. The lock forgets the old digests. The staging folder goes.

What must be on the disk, and in which order, for the same to hold after a loss of power:

- the content of the staged files before the first one is moved; else a name could point to an empty file, whose
  digest nobody knows, and which would pass for a hand edit from then on;
- the lock with both digests before the first move; else the new files would pass for hand edits;
- the moves and removals before the lock without the old digests; else an old file would come back as a hand edit;
- the last lock before the command says that it is done.

Few files are synced one by one, many by a single sync of their file system: for 3,000 files that costs a few
milliseconds of processor time, against 200 for a sync of each.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress

from .. import lock as locks
from ..diagnostics import MlopscError
from ..lock import LOCK_NAME, Lock, with_lf
from .comparing import WRITES, Action, Change, Rendered, Survey, Trees, lock_content, opened, read_lock, same, survey
from .disk import Folder, can_sync_all, failure, own_user
from .holding import alone
from .roots import RefusedPathError, Roots
from .staging import Staging
from .tree import ObstacleError

_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}
FEW = 8  # files that are synced one by one


def write(
    rendered: Mapping[str, Rendered], roots: Roots, *, force: bool = False, partial: bool = False
) -> tuple[Change, ...]:
    """Make the disk what was rendered; what it did, hand edits named and kept unless ``force``."""
    try:
        with alone(roots.git, roots.project), opened(roots) as trees, ExitStack() as stack:
            project = stack.enter_context(Staging(trees.root(in_git=False)))
            git = project if roots.are_one else stack.enter_context(Staging(trees.root(in_git=True)))
            found = survey(rendered, trees, partial=partial)
            final = _lock_after(found.changes, found.lock, force=force, partial=partial)
            _Compile(rendered, trees, found, (project, git)).run(final, force=force)
            return found.changes
    except OSError as error:
        raise failure(error, "nothing is lost") from error


def lock_text(changes: tuple[Change, ...], roots: Roots, *, force: bool = False, partial: bool = False) -> str:
    """The lock after a compile: new digests, and the old ones of the files that are kept as they are."""
    return _lock_after(changes, read_lock(roots), force=force, partial=partial).text


def is_current(changes: tuple[Change, ...], roots: Roots, *, partial: bool = False) -> bool:
    """Whether a compile would change nothing on disk, the lock included."""
    if any(change.action is not Action.KEEP for change in changes):
        return False
    content = lock_content(roots)
    return content is not None and with_lf(content) == lock_text(changes, roots, partial=partial).encode()


def _lock_after(changes: tuple[Change, ...], known: Lock, *, force: bool, partial: bool) -> Lock:
    pairs = [(change.path, change.digest) for change in changes if change.digest and (force or not change.by_hand)]
    kept = {change.path for change in changes if change.by_hand and not force}
    if partial:
        kept |= set(known.digests) - {change.path for change in changes}
    pairs += [(path, one) for path in kept for one in known.digests.get(path, frozenset())]
    return locks.of(pairs)


def _both(old: Lock, new: Lock) -> Lock:
    return locks.of((path, one) for lock in (old, new) for path, found in lock.digests.items() for one in found)


class _Compile:
    """The steps of one compile, over what was found."""

    def __init__(
        self, rendered: Mapping[str, Rendered], trees: Trees, found: Survey, stagings: tuple[Staging, Staging]
    ) -> None:
        self._rendered = rendered
        self._trees = trees
        self._found = found
        self._stagings = stagings  # of the project folder and of the Git root
        self._lock = found.lock_content
        self._bulk = False
        self._touched: set[tuple[bool, str]] = set()  # folders to sync, where few files are written

    def run(self, final: Lock, *, force: bool) -> None:
        """Do all of it."""
        writing = self._paths(WRITES | {Action.EDITED} if force else WRITES)
        removing = self._paths({Action.REMOVE, Action.STALE_EDITED} if force else {Action.REMOVE})
        self._bulk = can_sync_all() and len(writing) + len(removing) > FEW
        self._trust((*writing, *removing))
        self._set_modes()
        self._stage(writing)
        if writing or removing:
            self._set_lock(_both(self._found.lock, final))
        self._remove(removing)
        self._prune((*removing, *self._paths({Action.GONE})), kept=writing)
        self._move(writing)
        self._sync()
        self._set_lock(final)

    def _paths(self, actions: Iterable[Action]) -> list[str]:
        return [change.path for change in self._found.changes if change.action in actions]

    def _trust(self, paths: Iterable[str]) -> None:
        """Refuse to write where a stranger keeps a repository above the project, as Git does."""
        if not any(self._at(path)[0] for path in paths):
            return
        git, project = self._root(in_git=True), self._root(in_git=False)
        marker, here = git.status(".git"), project.status(".")
        if marker is None or here is None or marker.st_uid in {own_user(), here.st_uid, 0}:
            return
        raise MlopscError(
            f"{git.of('.git')} belongs to another user, and workflows would be written beside it; nothing was written\n"
            f"  help: make the project a repository of its own (git init {project.path}), or compile with -o DIR"
        )

    def _set_modes(self) -> None:
        """Make executable again what lost that on its way."""
        for change in self._found.changes:
            if change.action is not Action.KEEP or not self._rendered[change.path].executable:
                continue
            mode = stat.S_IMODE(self._found.seen[change.path].st_mode)
            folder, name = self._trees.folder_of(change.path)
            if folder is not None and not mode & 0o111:
                folder.set_mode(name, mode | (mode & 0o444) >> 2)

    def _stage(self, paths: list[str]) -> None:
        for path in paths:
            in_git, relative = self._at(path)
            file = self._rendered[path]
            unit = self._found.units.get(path, relative)
            rest = relative.removeprefix(unit)
            staging = self._stagings[in_git]
            staging.create(unit, rest, file.content, executable=file.executable, durable=not self._bulk)
        if self._bulk:
            self._sync()

    def _remove(self, paths: list[str]) -> None:
        self._trees.forget()
        for path in paths:
            folder, name = self._trees.folder_of(path)
            if folder is None:
                continue
            self._expect(path, folder, name)
            folder.remove(name)
            self._touch(path)

    def _prune(self, paths: Iterable[str], kept: Iterable[str]) -> None:
        """Remove the folders that held nothing but stale files, if not now then before an earlier compile died.

        Folders that something is to be moved into stay.
        """
        self._trees.forget()
        above = {parent for path in paths for parent in self._parents(path)}
        above -= {parent for path in kept for parent in self._parents(path, self._found.units.get(path))}
        for in_git, relative in sorted(above, key=lambda one: (-one[1].count("/"), one)):
            parent, _, name = relative.rpartition("/")
            try:
                folder = self._trees.tree(in_git=in_git).folder(parent)
                if folder is not None:
                    folder.remove_folder(name)
            except ObstacleError:  # a lock that somebody else wrote
                continue
            except OSError as error:
                if error.errno not in _NOT_THERE:
                    raise
        self._trees.forget()

    def _parents(self, path: str, unit: str | None = None) -> Iterator[tuple[bool, str]]:
        try:
            in_git, relative = self._at(path)
        except RefusedPathError:  # a lock that somebody else wrote
            return
        relative = unit or relative
        while relative := relative.rpartition("/")[0]:
            yield in_git, relative

    def _move(self, paths: list[str]) -> None:
        """Put new folders in place as a whole, and the other files one by one."""
        moved: set[tuple[bool, str]] = set()
        for path in paths:
            in_git, relative = self._at(path)
            unit = self._found.units.get(path, relative)
            self._touch(path, unit)
            if (in_git, unit) in moved:
                continue
            moved.add((in_git, unit))
            above, _, name = unit.rpartition("/")
            folder = self._trees.tree(in_git=in_git).folder(above)
            if folder is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            self._expect(path, folder, name)
            self._stagings[in_git].move(unit, folder, name)

    def _expect(self, path: str, folder: Folder, name: str) -> None:
        """Refuse to go on where somebody changed the file since it was looked at."""
        before, now = self._found.seen.get(path), folder.status(name)
        if (before is None) != (now is None) or (before and now and not same(before, now)):
            raise MlopscError(
                f"{folder.of(name)} was changed by somebody else during the compile, and is left as it is\n"
                "  help: run the same command again"
            )

    def _touch(self, path: str, unit: str | None = None) -> None:
        """Remember the folders whose names changed: that of the file, up to the one that a new folder came into."""
        in_git, relative = self._at(path)
        top = (unit or relative).count("/")
        parts = relative.split("/")
        self._touched |= {(in_git, "/".join(parts[:depth])) for depth in range(top, len(parts))}

    def _sync(self) -> None:
        if self._bulk:
            for root in {self._root(in_git=False), self._root(in_git=True)}:
                root.sync_all()
            return
        self._trees.forget()
        for in_git, relative in sorted(self._touched):
            with suppress(ObstacleError):  # removed, and there is a file of that name now
                folder = self._trees.tree(in_git=in_git).folder(relative)
                if folder is not None:  # else it was removed, and that is in the one above
                    folder.sync()

    def _set_lock(self, lock: Lock) -> None:
        content = lock.text.encode()
        if self._lock is not None and with_lf(self._lock) == content:
            return
        root, staging = self._root(in_git=False), self._stagings[0]
        staging.create(LOCK_NAME, "", content, executable=False, durable=True)
        staging.move(LOCK_NAME, root, LOCK_NAME)
        root.sync()
        self._lock = content

    def _at(self, path: str) -> tuple[bool, str]:
        in_git, relative = self._trees.roots.locate(path)
        return in_git and not self._trees.roots.are_one, relative

    def _root(self, *, in_git: bool) -> Folder:
        return self._trees.root(in_git=in_git)
