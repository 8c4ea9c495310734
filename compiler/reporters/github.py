"""Diagnostics as workflow commands: GitHub shows each at its line of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..diagnostics import Diagnostic, Severity
from .cells import harmless

MOST = 10
"""How many annotations of one level GitHub shows of a step; it drops what comes after them."""

LONGEST = 60_000
"""How many bytes a message may have: GitHub cuts at 64 kB, and escapes make it longer."""


def report(diagnostics: Iterable[Diagnostic], folder: str = "") -> str:
    """One command per diagnostic; ``folder`` is the project folder relative to the Git root.

    The last one that GitHub shows of a level lists those that it would drop.
    """
    found = list(diagnostics)
    lines: list[str] = []
    for severity in Severity:
        level = [one for one in found if one.severity is severity]
        if len(level) <= MOST:
            lines += [_command(one, folder) for one in level]
        else:
            lines += [_command(one, folder) for one in level[: MOST - 1]]
            lines.append(_rest(level[MOST - 1 :], severity, folder))
    return "".join(lines)


def _command(diagnostic: Diagnostic, folder: str) -> str:
    span = diagnostic.primary.span
    properties = {
        "file": _path(diagnostic, folder),
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": diagnostic.code,
    }
    if span.end_line != span.line:  # columns of different lines cannot be compared
        del properties["col"], properties["endColumn"]
    message = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\nhelp: {diagnostic.help}"
    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{diagnostic.severity} {pairs}::{_data(message)}\n"


def _rest(level: Sequence[Diagnostic], severity: Severity, folder: str) -> str:
    """One command for all that GitHub would not show, at the place of the first of them."""
    listed = (f"{_path(one, folder)}:{one.primary.span.line}: {one.message} [{one.code}]" for one in level)
    message = "\n".join([f"{len(level)} more:", *listed])
    first = level[0].primary.span
    place = f"file={_property(_path(level[0], folder))},line={first.line},title={len(level)} more"
    return f"::{severity} {place}::{_data(message)}\n"


def _path(diagnostic: Diagnostic, folder: str) -> str:
    file = diagnostic.primary.span.file
    return f"{folder}/{file}" if folder else file


def _data(text: str) -> str:
    """A message of one line, as long as GitHub takes it."""
    lines = "\n".join(harmless(line) for line in text.split("\n"))
    escaped = lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").encode()
    if len(escaped) <= LONGEST:
        return escaped.decode()
    cut = escaped[:LONGEST].decode(errors="ignore")
    return cut[: cut.rfind("%")] + "…" if "%" in cut[-2:] else cut + "…"


def _property(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
