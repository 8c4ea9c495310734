"""The only two folders that may be written to, and which paths below them are the compiler's to write."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..diagnostics import MlopscError
from ..lock import LOCK_NAME
from ..records import record

_UP = re.compile(r"(?:\.\./)*")
# Empty, `.` and `..` as a part, control characters, and whatever belongs to Git.
_REFUSED = re.compile(r"[\x00-\x1f\x7f\\]|(?:^|/)(?:\.{0,2}|\.git)(?:/|$)", re.IGNORECASE)
_OF_THE_USER = frozenset({"mlops.yaml", "mlops.pins.json", LOCK_NAME})


class RefusedPathError(MlopscError):
    """A path that is not the compiler's to write."""


@record
class Roots:
    """The only two folders that may be written to; the project folder lies in the Git root."""

    project: Path
    git: Path

    @property
    def are_one(self) -> bool:
        """Whether the project folder is the Git root."""
        return self.project == self.git

    @property
    def depth(self) -> int:
        """How many folders the project lies below the Git root."""
        return len(self.project.relative_to(self.git).parts)

    def locate(self, path: str) -> tuple[bool, str]:
        """Where ``path`` (relative to the project folder) lies: whether in the Git root, and the path relative to it.

        RefusedPathError where it is not the compiler's to write.
        """
        if not path.startswith("../"):
            if _REFUSED.search(path) or path in _OF_THE_USER:
                raise RefusedPathError(f"{path!r} is not a path that the compiler may write")
            return False, path
        up = _UP.match(path)
        rest = path[up.end() :] if up else path
        kept = self.depth - (len(path) - len(rest)) // 3
        if kept < 0 or _REFUSED.search(rest):
            raise RefusedPathError(f"{path} leads outside of {self.git}, and the compiler writes nothing there")
        return True, "/".join((*self.project.relative_to(self.git).parts[:kept], rest))

    def place(self, path: str) -> Path:
        """Where ``path`` (relative to the project folder) lies, to read it; MlopscError outside of both roots."""
        in_git, relative = self.locate(path)
        target = (self.git if in_git else self.project) / relative
        parent = Path(os.path.realpath(target.parent))
        if not any(parent.is_relative_to(os.path.realpath(root)) for root in (self.project, self.git)):
            raise RefusedPathError(f"{path} leads outside of {self.git}; is one of its folders a symbolic link?")
        return target
