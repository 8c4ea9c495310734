"""Diagnostics as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from ..diagnostics import Diagnostic
from ..source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(diagnostics: Iterable[Diagnostic], folder: str = "") -> str:
    """One run with one result per diagnostic; ``folder`` is the project folder relative to the Git root."""
    found = list(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    driver = {
        "name": "mlopsc",
        "semanticVersion": version("mlopsc"),
        "rules": [{"id": code, "helpUri": f"https://pypi.org/project/mlopsc/#{code}"} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code), folder) for diagnostic in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(diagnostic: Diagnostic, rule: int, folder: str) -> dict[str, Any]:
    text = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\n{diagnostic.help}"
    related = [
        {**_location(label.span, folder), "id": number, "message": {"text": label.text or "related"}}
        for number, label in enumerate(diagnostic.related)
    ]
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": str(diagnostic.severity),
        "message": {"text": text},
        "locations": [_location(diagnostic.primary.span, folder)],
        **({"relatedLocations": related} if related else {}),
    }


def _location(span: Span, folder: str) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    uri = f"{folder}/{span.file}" if folder else span.file
    return {"physicalLocation": {"artifactLocation": {"uri": uri.replace(" ", "%20")}, "region": region}}
