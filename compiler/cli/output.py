"""How diagnostics reach the terminal, the same for every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from ..diagnostics import Diagnostic, Severity, readable
from ..phases import Analysis
from ..source import Sources


def colour(stream: TextIO) -> bool:
    """Whether ``stream`` shows colours: a terminal, unless NO_COLOR says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(diagnostics: Iterable[Diagnostic], sources: Sources, stream: TextIO = sys.stderr) -> None:
    """Print diagnostics for people."""
    found = tuple(diagnostics)
    if found:
        from ..reporters.text import report  # noqa: PLC0415  (only where there is something to say)

        stream.write(report(found, sources, colour=colour(stream)))


def summary(analysis: Analysis) -> str:
    """One line on what was checked."""
    errors = sum(found.severity is Severity.ERROR for found in analysis.diagnostics)
    warnings = len(analysis.diagnostics) - errors
    counts = [_count(errors, "error"), _count(warnings, "warning")]
    problems = " and ".join(text for number, text in zip((errors, warnings), counts, strict=True) if number)
    if analysis.project is None:
        return f"{readable(analysis.spec.name)}: {problems}"
    spec = analysis.project.spec
    what = ", ".join((_count(len(spec.models), "model"), _count(len(spec.monitors), "monitor")))
    return f"{readable(analysis.spec.name)}: {what}: {problems or 'no problems'}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
