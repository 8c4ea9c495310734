"""What ``validate`` shows: a table of the rules on the terminal, an entry for each in the report."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from ..core.console import append_summary, markdown_table
from .findings import Finding

MARKS = {"pass": "✓", "warn": "!", "error": "✗"}
PLAIN = {"pass": "ok", "warn": "!", "error": "X"}
NOBODY = "(table)"


def entry(found: Finding) -> dict[str, object]:
    """One rule in the report."""
    rule, value = found.rule, found.value
    return {
        "name": rule.name,
        "kind": rule.kind,
        "dataset": rule.dataset,
        "column": rule.column,
        "severity": rule.severity,
        "verdict": "pass" if found.passed else "fail",
        "bad_rows": found.bad_rows,
        "value": value.isoformat() if isinstance(value, datetime) else value,
        "detail": found.detail,
        "examples": list(found.examples),
    }


def overview(findings: Sequence[Finding], rows: Mapping[str, int]) -> str:
    """All rules by dataset: what fails on lines of its own, what holds with one line for each column."""
    marks = MARKS if "utf" in (sys.stdout.encoding or "").lower() else PLAIN
    parts = []
    for label, count in rows.items():
        own = [found for found in findings if found.rule.dataset == label]
        parts.append(f"{label}: {count:,} rows, {len(own)} rules")
        parts += _lines(own, marks)
    return "\n".join(parts)


def summarize(findings: Sequence[Finding]) -> None:
    """What fails, on the page of the CI job."""
    failed = [found for found in findings if not found.passed]
    if failed:
        heads = ["severity", "dataset", "column", "rule", "bad rows", "detail"]
        lines = [[f.rule.severity, f.rule.dataset, f.rule.column, f.rule.name, _bad(f), f.detail] for f in failed]
        append_summary("### Data contract\n\n" + markdown_table(heads, lines))


def _lines(findings: Sequence[Finding], marks: Mapping[str, str]) -> list[str]:
    failed = [found for found in findings if not found.passed]
    held: dict[str, list[str]] = {}
    for found in findings:
        if found.passed:
            held.setdefault(found.rule.column or NOBODY, []).append(found.rule.name)
    failed.sort(key=lambda found: found.rule.severity)
    cells = [
        (marks[found.rule.severity], found.rule.column or NOBODY, found.rule.name, _said(found)) for found in failed
    ]
    mark = max(map(len, marks.values()))
    wide = max([len(column) for _, column, _, _ in cells] + [len(column) for column in held] + [0])
    name = max([len(name) for _, _, name, _ in cells] + [0])
    lines = [
        f"  {sign:<{mark}} {column:<{wide}}  {rule:<{name}}  {said}".rstrip() for sign, column, rule, said in cells
    ]
    lines += [f"  {marks['pass']:<{mark}} {column:<{wide}}  {', '.join(names)}" for column, names in held.items()]
    return lines


def _said(found: Finding) -> str:
    bad = f"{found.bad_rows:,} bad row{'s' if found.bad_rows > 1 else ''}" if found.bad_rows else ""
    return ", ".join(part for part in (bad, found.detail) if part)


def _bad(found: Finding) -> int | None:
    return found.bad_rows or None
