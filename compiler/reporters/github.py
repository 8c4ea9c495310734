"""Diagnostics as workflow commands: GitHub shows each at its line of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic


def report(diagnostics: Iterable[Diagnostic], folder: str = "") -> str:
    """One command per diagnostic; ``folder`` is the project folder relative to the Git root."""
    return "".join(_command(diagnostic, folder) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic, folder: str) -> str:
    span = diagnostic.primary.span
    properties = {
        "file": f"{folder}/{span.file}" if folder else span.file,
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


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
