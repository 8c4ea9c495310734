"""Diagnostics as SARIF 2.1.0 (OASIS, 2020), for code scanning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Any, Protocol
from urllib.parse import quote

from ..diagnostics import Diagnostic
from ..fixes import Documents, text_edits
from ..source import Sources, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://mlopsc.dev/"
"""Where the product is described, as the schemas have it."""


class Rule(Protocol):
    """What a rule has to say about itself; ``explain`` has the same."""

    @property
    def code(self) -> str:
        """The stable code."""

    @property
    def severity(self) -> str:
        """``error`` or ``warning``."""

    @property
    def title(self) -> str:
        """A few words."""

    @property
    def explanation(self) -> str:
        """Why it matters, and what to do."""

    @property
    def anchor(self) -> str:
        """Where the page of diagnostics has it."""


def report(diagnostics: Iterable[Diagnostic], sources: Sources, rules: Iterable[Rule], folder: str = "") -> str:
    """One run with one result per diagnostic; ``folder`` is the project folder relative to the Git root."""
    found = list(diagnostics)
    used = {diagnostic.code for diagnostic in found}
    known = sorted((rule for rule in rules if rule.code in used), key=lambda rule: rule.code)
    writer = _Writer(sources=sources, codes=[rule.code for rule in known], folder=folder)
    driver = {
        "name": "mlopsc",
        "informationUri": HOME,
        "semanticVersion": version("mlopsc"),
        "rules": [_rule(rule) for rule in known],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [writer.result(diagnostic) for diagnostic in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.title.replace("-", " ").split() if word.isalnum()),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "helpUri": f"{HOME}diagnostics/#{rule.anchor}",
        "defaultConfiguration": {"level": str(rule.severity)},
    }


class _Writer:
    """Writes the results of one run."""

    def __init__(self, *, sources: Sources, codes: Sequence[str], folder: str) -> None:
        self._sources = sources
        self._documents = Documents(sources)
        self._codes = codes
        self._folder = folder
        self._seen: dict[str, int] = {}

    def result(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """One diagnostic."""
        text = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\n{diagnostic.help}"
        related = [
            {"id": number, "message": {"text": label.text or "related"}, **self._location(label.span)}
            for number, label in enumerate(diagnostic.related)
        ]
        fix = self._fix(diagnostic)
        number = self._codes.index(diagnostic.code) if diagnostic.code in self._codes else None
        return {
            "ruleId": diagnostic.code,
            **({"ruleIndex": number} if number is not None else {}),
            "level": str(diagnostic.severity),
            "message": {"text": text},
            "locations": [self._location(diagnostic.primary.span)],
            **({"relatedLocations": related} if related else {}),
            "partialFingerprints": {"mlopscDiagnostic/v1": self._fingerprint(diagnostic)},
            **({"fixes": [fix]} if fix else {}),
        }

    def _fingerprint(self, diagnostic: Diagnostic) -> str:
        """The same for the same problem when lines around it move: its code, words and file, and which of several."""
        words = f"{diagnostic.code}\n{diagnostic.message}\n{diagnostic.primary.span.file}"
        count = self._seen[words] = self._seen.get(words, 0) + 1
        return f"{hashlib.sha256(words.encode()).hexdigest()[:32]}:{count}"

    def _fix(self, diagnostic: Diagnostic) -> dict[str, Any] | None:
        edits = text_edits(diagnostic, self._documents)
        if not edits:
            return None
        changes = [
            {
                "artifactLocation": self._artifact(name),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in found
                ],
            }
            for name, found in groupby(edits, key=lambda edit: edit.span.file)
        ]
        return {"description": {"text": diagnostic.help or "mend it"}, "artifactChanges": changes}

    def _location(self, span: Span) -> dict[str, Any]:
        place = {"artifactLocation": self._artifact(span.file), "region": _region(span)}
        return {"physicalLocation": place}

    def _artifact(self, name: str) -> dict[str, Any]:
        return {"uri": quote(f"{self._folder}/{name}" if self._folder else name)}


def _region(span: Span) -> dict[str, Any]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
