"""Diagnostics as JSON, for editors and scripts; the schema is ``schemas/output/check.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..diagnostics import Diagnostic, Label, Severity
from ..fixes import Documents, text_edits
from ..source import Sources, Span


def report(diagnostics: Iterable[Diagnostic], sources: Sources) -> str:
    """One document with every diagnostic and their number."""
    documents = Documents(sources)
    found = [_diagnostic(diagnostic, documents) for diagnostic in diagnostics]
    errors = sum(item["severity"] == Severity.ERROR for item in found)
    summary = {"errors": errors, "warnings": len(found) - errors}
    return json.dumps({"diagnostics": found, "summary": summary}, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(diagnostic: Diagnostic, documents: Documents) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "label": diagnostic.primary.text,
        **_place(diagnostic.primary.span),
        "help": diagnostic.help,
        "related": [_related(label) for label in diagnostic.related],
        "fixes": [{**_place(edit.span), "replacement": edit.text} for edit in text_edits(diagnostic, documents)],
    }


def _related(label: Label) -> dict[str, Any]:
    return {"message": label.text, **_place(label.span)}


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
