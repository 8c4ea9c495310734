"""How a run goes: one line per step at its end, and on a terminal a live line of what runs now."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from ..runner.process import last_lines
from ..runner.schedule import Result, Status
from .output import columns

SHOWN_LINES = 15
NARROW = 80
ERASE = "\r\x1b[2K"
COLOURS = {Status.FAILED: "31", Status.GATE: "31", Status.CACHED: "2", Status.SKIPPED: "33", Status.INTERRUPTED: "33"}
SECONDS_AT_END = re.compile(r"\s*\([0-9.]+ s\)$")


class Progress:
    """Prints to ``out``; live and coloured only where that is a terminal."""

    def __init__(self, out: TextIO, project: Path) -> None:
        self._out = out
        self._project = project
        self._live = out.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._live and "NO_COLOR" not in os.environ

    def ended(self, result: Result) -> None:
        """One line, and of a step that failed its last lines and the file to open."""
        self._write(self._painted(result.status, line_of(result)) + "\n")
        if result.status is Status.FAILED and result.log is not None:
            for line in last_lines(result.log, SHOWN_LINES):
                self._write(f"    {line}\n")
            self._write(f"    open {relative(result.log, self._project)} (exit code {result.exit_code})\n")

    def running(self, steps: Mapping[str, float], ended: int, total: int) -> None:
        """Redraw the live line."""
        if self._live:
            now = ", ".join(f"{step_id} {seconds:.0f} s" for step_id, seconds in steps.items())
            text = f"[{ended}/{total}] {now}"[: (columns(self._out) or NARROW) - 1]
            self._out.write(ERASE + text)
            self._out.flush()

    def _write(self, text: str) -> None:
        self._out.write((ERASE if self._live else "") + text)
        self._out.flush()

    def _painted(self, status: Status, text: str) -> str:
        colour = COLOURS.get(status) if self._colour else None
        return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def line_of(result: Result) -> str:
    """A step at its end in one line: which, how long, and what it said."""
    step = result.step
    timing = f"{result.seconds:6.1f} s" if result.status in (Status.DONE, Status.FAILED, Status.GATE) else " " * 8
    if result.status is Status.CACHED:
        what = f"cached: {_said(result)}" if _said(result) else "cached"
    elif result.status is Status.DONE:
        what = _said(result)
    else:
        what = str(result.status)
    return f"{step.model}  {step.name:<9} {timing}  {what}".rstrip()


def relative(path: Path, folder: Path) -> str:
    """``path`` as seen from ``folder`` where it lies below it."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _said(result: Result) -> str:
    """What the step said last, without its name and its seconds, which the line has already."""
    words = result.said.split(maxsplit=2)
    named = words[:2] == [result.step.model, result.step.name]
    text = words[2] if named and len(words) > 2 else ("" if named else result.said)  # noqa: PLR2004
    return SECONDS_AT_END.sub("", text)
