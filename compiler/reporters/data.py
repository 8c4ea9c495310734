"""Diagnostics as JSON, for editors and scripts; the schema is ``schemas/check.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..diagnostics import Diagnostic, Label, Severity


def report(diagnostics: Iterable[Diagnostic]) -> str:
    """One document with every diagnostic and their number."""
    found = [_diagnostic(diagnostic) for diagnostic in diagnostics]
    errors = sum(item["severity"] == Severity.ERROR for item in found)
    summary = {"errors": errors, "warnings": len(found) - errors}
    return json.dumps({"diagnostics": found, "summary": summary}, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.primary),
        "help": diagnostic.help,
        "related": [{"message": label.text, **_place(label)} for label in diagnostic.related],
    }


def _place(label: Label) -> dict[str, Any]:
    span = label.span
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
