"""Writes the user's own spec files after a fix: each whole or not at all, links and permissions kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from .diagnostics import MlopscError
from .writer import Roots, alone, replace_text


def overwrite(before: Mapping[str, bytes], after: Mapping[str, bytes], roots: Roots) -> None:
    """Replace the files of the project folder in ``after``, each of which must still be as in ``before``."""
    targets = {name: _target(name, roots) for name in after}
    try:
        with alone(roots.project):
            for name, target in targets.items():
                if target.read_bytes() != before[name]:
                    raise MlopscError(f"{name} changed while it was checked; nothing was fixed, try again")
            for name, target in targets.items():
                replace_text(target, before[name], after[name])
    except OSError as error:
        where = error.filename or roots.project
        raise MlopscError(f"cannot write {where}: {error.strerror or error}; mend that and run it again") from error


def _target(name: str, roots: Roots) -> Path:
    """The file itself, behind symbolic links; MlopscError where it must not be written."""
    target = Path(os.path.realpath(roots.project / name))
    if not any(target.is_relative_to(os.path.realpath(root)) for root in (roots.project, roots.git)):
        raise MlopscError(f"{name} is a symbolic link that leads outside of {roots.git}; fix {target} where it belongs")
    if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
        raise MlopscError(f"{name} is read-only; allow writing with `chmod u+w {name}` and run it again")
    return target
