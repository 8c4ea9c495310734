"""A secret that stands in the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings

KNOWN = (
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), "an AWS access key"),
    (re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})\b"), "a GitHub token"),
    (re.compile(r"\bglpat-[\w-]{20,}"), "a GitLab token"),
    (re.compile(r"\bxox[abprs]-[\w-]{10,}"), "a Slack token"),
    (re.compile(r"https://hooks\.slack\.com/services/\w+/\w+/\w+"), "a Slack webhook"),
    (re.compile(r"\bAIza[\w-]{35}"), "a Google API key"),
    (re.compile(r"\bsk-[\w-]{20,}"), "an API key"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\."), "a JSON web token"),
    (re.compile(r"(?:AccountKey|SharedAccessKey|sig)=[\w+/%=]{20,}"), "an Azure key"),
)
SHORTEST = 8
"""Nothing shorter can be told from a word."""

SHORTEST_TOKEN = 15
"""Nor is any known key or token shorter."""

PASSWORD = re.compile(r"[a-z][\w+.-]*://[^\s:@/]*:(?!\$\{)([^\s@/]{2,})@", re.IGNORECASE)
TOKEN = re.compile(r"(?<![\w/.])(?=\w*[a-z])(?=\w*[A-Z])(?=(?:\w*\d){3})[A-Za-z0-9]{24,}(?![\w/.])")
LONG = 24
SUSPICIOUS = re.compile(r"passw(or)?d|secret|token|api_?key|access_?key|credential", re.IGNORECASE)


def find(_: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every scalar that looks like a password, a key or a token; the message does not repeat it."""
    for path, text in surroundings.scalars:
        if path[:1] in (("secrets",), ("variables",)):
            continue
        what = _what(text, str(path[-1]) if path else "")
        if what is not None:
            yield Finding(
                message=f"{what} stands in the spec",
                mark=Mark(path=path, text="a value that should be secret", at="value"),
                help="revoke it, declare a name: secrets: [NAME], and write ${NAME} here",
            )


def _what(text: str, key: str) -> str | None:
    if len(text) < SHORTEST:
        return None
    for pattern, name in KNOWN if len(text) >= SHORTEST_TOKEN else ():
        if pattern.search(text):
            return name
    if "://" in text and PASSWORD.search(text):
        return "a password in a URL"
    word = text.strip("\"'")
    if SUSPICIOUS.search(key) and len(word) >= SHORTEST and not re.search(r"[\s${}]", word) and re.search(r"\d", word):
        return f"what '{key}' names"
    if len(text) >= LONG and TOKEN.search(text):
        return "what looks like a token"
    return None


CHECK = Check(
    code="MLC603",
    title="secret in the spec",
    explanation="The spec is committed, and its values reach generated files. Secrets are named there and kept in the "
    "secret store of the CI system. One that was committed has to be revoked, since history keeps it.",
    run=find,
)
