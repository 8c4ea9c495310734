"""What a change means: for now, which files it adds, changes and removes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import lock
from .diagnostics import MlopscError, UsageError
from .lock import LOCK_NAME
from .records import record
from .writer import Action, Change, Rendered, Roots

VERBS = {
    Action.CREATE: "add",
    Action.UPDATE: "change",
    Action.REMOVE: "remove",
    Action.EDITED: "keep the hand edit of",
    Action.STALE_EDITED: "keep the hand edit of",
}
MARKS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REMOVE: "-", Action.EDITED: "!", Action.STALE_EDITED: "!"}


@record
class FileChanges:
    """The files that differ, sorted by path, and what they were compared with."""

    base: str
    changes: tuple[Change, ...]

    @property
    def any(self) -> bool:
        """Whether something changes."""
        return bool(self.changes)


def against_disk(changes: Iterable[Change]) -> FileChanges:
    """What a compile would do to the files that are there."""
    return FileChanges(base="the files on disk", changes=tuple(c for c in changes if c.action in VERBS))


def against_revision(rendered: Mapping[str, Rendered], roots: Roots, revision: str) -> FileChanges:
    """What differs from the files that were generated at a Git revision: its lock knows the digest of each."""
    old = lock.parse(_lock_at(roots, revision)).digests
    changes = [_against(path, old.get(path), file) for path, file in rendered.items()]
    changes += [Change(path=path, action=Action.REMOVE) for path in old if path not in rendered]
    differing = (change for change in changes if change.action is not Action.KEEP)
    return FileChanges(base=revision, changes=tuple(sorted(differing, key=lambda change: change.path)))


def _against(path: str, old: frozenset[str] | None, file: Rendered) -> Change:
    new = lock.digest(file.content)
    if old is None:
        return Change(path=path, action=Action.CREATE, digest=new)
    return Change(path=path, action=Action.KEEP if new in old else Action.UPDATE, digest=new)


def _lock_at(roots: Roots, revision: str) -> str:
    """The lock at a revision; empty where the revision has none."""
    if revision.startswith("-"):
        raise UsageError(f"'{revision}' is no Git revision")
    _git(roots.git, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", missing=revision)
    place = roots.project.relative_to(roots.git) / LOCK_NAME
    listed = _git(roots.git, "ls-tree", "--name-only", revision, "--", place.as_posix())
    return _git(roots.git, "show", f"{revision}:{place.as_posix()}") if listed.strip() else ""


def _git(folder: Path, *arguments: str, missing: str | None = None) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise MlopscError("--base needs git, and there is no such command here") from error
    if done.returncode:
        if missing is not None:
            raise UsageError(f"'{missing}' is no revision of the Git repository in {folder}")
        raise MlopscError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def as_text(found: FileChanges) -> str:
    """One line per file, then how many there are."""
    lines = [f"  {MARKS[change.action]} {change.path}" for change in found.changes]
    return "\n".join([*lines, _summary(found)]) + "\n"


def as_markdown(found: FileChanges) -> str:
    """The same for a pull request or the summary of a job."""
    if not found.any:
        return f"### mlopsc plan\n\n{_summary(found)}\n"
    rows = [f"| {VERBS[change.action]} | `{change.path}` |" for change in found.changes]
    return "\n".join(["### mlopsc plan", "", _summary(found), "", "| | file |", "|---|---|", *rows]) + "\n"


def as_json(found: FileChanges) -> str:
    """The same for scripts."""
    files = [{"path": change.path, "action": str(change.action)} for change in found.changes]
    return json.dumps({"base": found.base, "files": files, "changes": found.any}, indent=2, ensure_ascii=False) + "\n"


def _summary(found: FileChanges) -> str:
    if not found.any:
        return f"nothing changes, compared with {found.base}"
    counts = [
        f"{number} to {verb}"
        for verb in dict.fromkeys(VERBS.values())
        if (number := sum(VERBS[change.action] == verb for change in found.changes))
    ]
    files = "file" if len(found.changes) == 1 else "files"
    return f"{len(found.changes)} {files}, compared with {found.base}: " + ", ".join(counts)


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}
"""The formats of ``mlopsc plan``."""
