"""What is on disk against what was rendered: what a compile would do to each file."""

from __future__ import annotations

import errno
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field
from enum import StrEnum
from os import stat_result

from .. import lock as locks
from ..diagnostics import MlopscError
from ..lock import LOCK_NAME, Lock, digest
from ..records import record
from .disk import Folder, failure
from .roots import RefusedPathError, Roots
from .tree import ObstacleError, Tree

HUGE = 1 << 26  # bytes of a lock that no compiler wrote


@record
class Rendered:
    """The bytes of one file."""

    content: bytes
    executable: bool = False


class Action(StrEnum):
    """What a compile does to one file."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "unchanged"
    EDITED = "edited"  # by hand: kept, unless forced
    REMOVE = "remove"
    STALE_EDITED = "stale-edited"  # no longer generated, but edited by hand: kept, unless forced
    GONE = "gone"  # no longer generated and no longer there


@record
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


@record
class Trees:
    """Both roots, open."""

    roots: Roots
    project: Tree
    git: Tree

    def tree(self, *, in_git: bool) -> Tree:
        """The one or the other."""
        return self.git if in_git else self.project

    def root(self, *, in_git: bool) -> Folder:
        """The open root itself, which is there during a compile."""
        root = self.tree(in_git=in_git).root
        if root is None:
            raise AssertionError("a compile makes its roots before it opens them")
        return root

    def at(self, path: str) -> tuple[Tree, str]:
        """The root that a path belongs to, and the path relative to it."""
        in_git, relative = self.roots.locate(path)
        return self.tree(in_git=in_git), relative

    def folder_of(self, path: str) -> tuple[Folder | None, str]:
        """The folder that holds a path (None where it is not there) and the name in it."""
        tree, relative = self.at(path)
        above, _, name = relative.rpartition("/")
        return tree.folder(above), name

    def forget(self) -> None:
        """Look again from the roots: something was moved."""
        self.project.forget()
        self.git.forget()


@contextmanager
def opened(roots: Roots) -> Iterator[Trees]:
    """The two roots, open; a project folder that is not there yet counts as empty."""
    with ExitStack() as stack:
        project = stack.enter_context(Tree(_root(str(roots.project), stack)))
        git = project if roots.are_one else stack.enter_context(Tree(_root(str(roots.git), stack)))
        yield Trees(roots=roots, project=project, git=git)


def _root(path: str, stack: ExitStack) -> Folder | None:
    try:
        return stack.enter_context(Folder.at(path))
    except FileNotFoundError:
        return None


@record
class Survey:
    """What was found: the lock, the changes by path, the status of each file, and what each new file adds."""

    lock: Lock
    lock_content: bytes | None
    changes: tuple[Change, ...]
    seen: Mapping[str, stat_result] = field(default_factory=dict)  # of each file that is there
    units: Mapping[str, str] = field(default_factory=dict)  # of a new file: its topmost new folder, within its root


def compare(rendered: Mapping[str, Rendered], roots: Roots, *, partial: bool = False) -> tuple[Change, ...]:
    """What a compile would do, sorted by path; a ``partial`` one leaves the files it does not render alone."""
    try:
        with opened(roots) as trees:
            return survey(rendered, trees, partial=partial).changes
    except OSError as error:
        raise failure(error, "nothing was written") from error


def read_lock(roots: Roots) -> Lock:
    """The lock on disk; a lost one knows nothing."""
    return locks.parse((lock_content(roots) or b"").decode(errors="replace"))


def lock_content(roots: Roots) -> bytes | None:
    """The content of the lock on disk; None where there is none."""
    try:
        with Folder.at(str(roots.project)) as folder:
            return lock_in(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(error, "nothing was written") from error


def lock_in(folder: Folder | None) -> bytes | None:
    """The content of the lock; None where there is none, or something that no compiler wrote."""
    if folder is None:
        return None
    found = folder.status(LOCK_NAME)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise MlopscError(_folder_in_the_way(folder, LOCK_NAME))
    if found is None or not stat.S_ISREG(found.st_mode) or found.st_size > HUGE:
        return None
    return folder.read(LOCK_NAME, HUGE)[1]


def survey(rendered: Mapping[str, Rendered], trees: Trees, *, partial: bool) -> Survey:
    """Compare everything once, folder by folder."""
    content = lock_in(trees.project.root)
    found = _Surveyor(trees, rendered, locks.parse((content or b"").decode(errors="replace")))
    changes = [found.rendered_file(path) for path in sorted(rendered)]
    if not partial:
        trees.forget()
        changes += [found.stale_file(path) for path in sorted(found.known.digests) if path not in rendered]
    changes.sort(key=lambda change: change.path)
    return Survey(lock=found.known, lock_content=content, changes=tuple(changes), seen=found.seen, units=found.units)


class _Surveyor:
    """Looks at one file after the other."""

    def __init__(self, trees: Trees, rendered: Mapping[str, Rendered], known: Lock) -> None:
        self.known = known
        self.seen: dict[str, stat_result] = {}
        self.units: dict[str, str] = {}
        self._trees = trees
        self._rendered = rendered
        self._folded = _unequal(rendered)
        stale = (path for path in known.digests if path not in rendered)
        # On a file system that takes `A` for `a`, a file whose name only changed its case is the same file.
        self._renamed = {folded: path for path in stale if (folded := fold(path)) in self._folded}

    def rendered_file(self, path: str) -> Change:
        """What happens to a file that is generated."""
        file = self._rendered[path]
        new = digest(file.content)
        found, content = self._find(path)
        if found is None:
            return Change(path=path, action=Action.CREATE, digest=new)
        if content == file.content:
            return Change(path=path, action=Action.KEEP, digest=new)
        old = digest(content) if content is not None else "not a regular file"
        if old == new:
            return Change(path=path, action=Action.KEEP, digest=new)
        before = self._renamed.get(fold(path), path) if self._renamed else path
        ours = self.known.knows(path, old) or self.known.knows(before, old)
        return Change(path=path, action=Action.UPDATE if ours else Action.EDITED, digest=new)

    def stale_file(self, path: str) -> Change:
        """What happens to a file that the lock knows, and that is generated no more."""
        try:
            found, content = self._find(path)
        except MlopscError:  # a lock that somebody else wrote names a file that is not ours to touch
            found = content = None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:  # or one that cannot be
                raise
            found = content = None
        if found is None or self._same_file(path, found):
            return Change(path=path, action=Action.GONE)
        ours = content is not None and self.known.knows(path, digest(content))
        return Change(path=path, action=Action.REMOVE if ours else Action.STALE_EDITED)

    def _same_file(self, path: str, found: stat_result) -> bool:
        other = self.seen.get(self._folded.get(fold(path), ""))
        return other is not None and same(other, found)

    def _find(self, path: str) -> tuple[stat_result | None, bytes | None]:
        """The status and the content of a file: no status where there is none, no content where it is a link or so."""
        tree, relative = self._trees.at(path)
        above, _, name = relative.rpartition("/")
        try:
            folder = tree.folder(above)
        except ObstacleError as obstacle:
            if path not in self._rendered or not self._goes(path, relative, obstacle.at):
                raise
            self.units[path] = obstacle.at
            return None, None
        if folder is None:
            self.units[path] = tree.missing or relative
            return None, None
        found, content = _read(folder, name)
        if found is None:
            self.units[path] = relative
        elif stat.S_ISDIR(found.st_mode):
            if path not in self._rendered or not any(one.startswith(f"{path}/") for one in self.known.digests):
                raise MlopscError(_folder_in_the_way(folder, name))
            self.units[path] = relative  # what was generated there goes, and then the folder
            return None, None
        else:
            self.seen[path] = found
        return found, content

    def _goes(self, path: str, relative: str, at: str) -> bool:
        """Whether what stands in the way is a file that is generated no more."""
        before = path.removesuffix(relative[len(at) :])
        return before in self.known.digests and before not in self._rendered


def _read(folder: Folder, name: str) -> tuple[stat_result | None, bytes | None]:
    try:
        found, content = folder.read(name)
    except FileNotFoundError:
        return None, None
    except OSError:
        found_link = folder.status(name)
        if found_link is None or stat.S_ISREG(found_link.st_mode) or stat.S_ISDIR(found_link.st_mode):
            raise
        return found_link, None  # links, sockets and devices cannot be opened, and are none of ours
    return found, content if stat.S_ISREG(found.st_mode) else None


def _folder_in_the_way(folder: Folder, name: str) -> str:
    return (
        f"{folder.of(name)} is a folder, and a file of that name is to be written; nothing was written\n"
        "  help: move it away, then compile again"
    )


def same(one: stat_result, other: stat_result) -> bool:
    """Whether two looks saw the same file with the same content."""
    return (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns, one.st_mode) == (
        other.st_dev,
        other.st_ino,
        other.st_size,
        other.st_mtime_ns,
        other.st_mode,
    )


def fold(path: str) -> str:
    """What file systems that do not tell cases or accents' forms apart make of a path."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def _unequal(rendered: Mapping[str, Rendered]) -> dict[str, str]:
    """Each path by its folded form; MlopscError where two would be one file on some machine."""
    folded: dict[str, str] = {}
    for path in rendered:
        other = folded.setdefault(fold(path), path)
        if other is not path:
            raise RefusedPathError(
                f"{other} and {path} are one file where case does not count (macOS, Windows); nothing was written\n"
                "  help: give one of them another name in the spec"
            )
    return folded
