"""How diagnostics reach the terminal, the same for every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from ..diagnostics import Diagnostic, Severity, readable
from ..source import Sources

if TYPE_CHECKING:
    from ..phases import Analysis, Compilation
    from ..unchanged import Said, Unchanged


def colour(stream: TextIO) -> bool:
    """Whether ``stream`` shows colours: a terminal, unless NO_COLOR says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int | None:
    """How many columns the terminal has that ``stream`` writes to; None where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except (OSError, ValueError):  # no size, or no descriptor
        return None


def show(diagnostics: Iterable[Diagnostic], sources: Sources, stream: TextIO = sys.stderr) -> None:
    """Print diagnostics for people."""
    found = tuple(diagnostics)
    if found:
        from ..reporters.text import report  # noqa: PLC0415  (only where there is something to say)

        stream.write(report(found, sources, colour=colour(stream), columns=columns(stream)))


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


def said(compiled: Compilation) -> Said:
    """What ``show`` prints of a compile, plain and for a terminal: the next one repeats it when nothing changed."""
    from ..unchanged import Said  # noqa: PLC0415  (only what writes needs it)

    if not compiled.diagnostics:
        return Said()
    from ..reporters.text import report  # noqa: PLC0415

    sources = compiled.analysis.sources
    plain, coloured = (report(compiled.diagnostics, sources, colour=painted) for painted in (False, True))
    return Said(plain=plain, coloured=coloured)


def repeat(known: Unchanged) -> None:
    """Print again what the last compile had to say."""
    sys.stderr.write(known.said.coloured if colour(sys.stderr) else known.said.plain)
