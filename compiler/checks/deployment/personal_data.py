"""A literal that looks like data of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings
from ..personal import personal

HINT = re.compile(r"@|\d[\d ()./-]{6}|[A-Z]{2}\d\d")
"""What every literal of a person has; few texts do, so few are looked at closely."""
SQL_KEYS = frozenset({"sql", "aggregate", "violations", "query", "label", "sample_weight"})
ELSEWHERE = frozenset({"owner", "auth", "secrets", "variables", "include"})
"""Keys below which an address or a number is no data: who answers, identities of clouds, names."""


def find(_: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every scalar with an address, a telephone, account, card or social security number; never the value itself."""
    for path, text in surroundings.scalars:
        if not HINT.search(text) or not ELSEWHERE.isdisjoint(path):
            continue
        found = personal(text, calculates=_is_sql(path))
        if found is not None:
            yield Finding(
                message=f"{found[0]} stands in '{_name(path)}'",
                mark=Mark(path=path, text="looks like data of a person", at="value", within=_within(text, found[1])),
                help="leave it out, or write one that belongs to nobody, such as someone@example.com; "
                "a team stands under owner",
            )


def _within(text: str, span: tuple[int, int]) -> tuple[int, int] | None:
    """The place in the value, where the text is the value but for its quotes."""
    if "\n" in text or "\\" in text or "''" in text or text[0] in "|>&*!":
        return None
    quoted = int(text[0] in "\"'")
    return span[0] - quoted, span[1] - quoted


def _is_sql(path: YamlPath) -> bool:
    return not SQL_KEYS.isdisjoint(path[2:]) or "business" in path


def _name(path: YamlPath) -> str:
    return str(next((part for part in reversed(path) if isinstance(part, str)), "the spec"))


CHECK = Check(
    code="MLC609",
    title="literal that looks like personal data",
    explanation="The spec is committed, and its values reach generated files, images and reports, where nobody can "
    "delete a person's data again. Found are e-mail addresses of persons, telephone numbers, social security numbers, "
    "and account and card numbers whose check digits are right; addresses of roles and of example.com are none.",
    severity=Severity.WARNING,
    run=find,
)
