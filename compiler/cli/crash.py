"""A crash of ours: one message that says how to report it, the traceback in a file."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from importlib.metadata import version
from pathlib import Path


def report(error: BaseException) -> str:
    """What to print; the traceback goes into a file that can be attached to a report."""
    text = "".join(traceback.format_exception(error))
    lines = [
        f"mlopsc {version('mlopsc')} crashed: {type(error).__name__}: {error}".splitlines()[0],
        "This is a mistake in mlopsc, not in your spec.",
    ]
    surroundings = f"mlopsc {version('mlopsc')}, Python {platform.python_version()}, {platform.platform()}\n\n"
    try:
        descriptor, name = tempfile.mkstemp(prefix="mlopsc-crash-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(surroundings + text)
    except OSError:  # no place to write to must not hide the crash itself
        return "\n".join([*lines, "Please report it with this:", surroundings + text])
    return "\n".join([*lines, f"Please report it, with the file {Path(name)} and the spec that makes it happen."])
