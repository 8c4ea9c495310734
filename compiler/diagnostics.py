"""Diagnostics are values: what is wrong, where, what it has to do with, and what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from .records import record
from .source import Side, Sources, Span, YamlPath

LONGEST = 1_000
"""How many characters of a message are kept: it may quote a value of any length."""

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def readable(text: str) -> str:
    """The text on one line, with an escape for every character that a terminal or an editor would obey.

    What a message quotes can neither move the cursor nor turn the rest of the line around.
    """
    shown = _OBEYED.sub(_escaped, text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST * 3 // 4]}…{shown[-LONGEST // 5 :]}"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _ESCAPES.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004


class Severity(StrEnum):
    """How bad it is: an error stops the compiler before planning, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@record
class Label:
    """A span with a few words under it."""

    span: Span
    text: str = ""

    def __post_init__(self) -> None:
        """Keep the text on one line, whatever it quotes."""
        object.__setattr__(self, "text", readable(self.text))


@record
class Mark:
    """A place in the document as a check names it; ``locate`` makes the span."""

    path: YamlPath
    text: str = ""
    at: Side = "key"
    within: tuple[int, int] | None = None


@record
class Edit:
    """One change of the text; a check gives edits only where they mend the problem for certain.

    ``replace`` puts ``value`` where ``mark`` points: a key, a value, or the characters within a string. ``remove``
    takes away the entry or the list item at the mark. ``add`` puts ``key: value`` into the mapping at the mark.
    """

    mark: Mark
    action: Literal["replace", "remove", "add"] = "replace"
    key: str = ""
    value: str | float | bool | None = None


@record
class Finding:
    """What a check found; its code and severity are the check's. All of ``fix`` together mends it."""

    message: str
    mark: Mark
    related: tuple[Mark, ...] = ()
    help: str | None = None
    fix: tuple[Edit, ...] = ()


@record
class Repair:
    """An ``Edit`` at its place in the text; ``fixes`` says which characters it changes.

    ``place`` is what the span covers: a key, a value, an item of a list, or characters inside a string. ``text`` as
    ``action`` puts ``value`` into the span as it is.
    """

    span: Span
    action: Literal["replace", "remove", "add", "text"] = "replace"
    place: Literal["key", "value", "item", "inside"] = "value"
    key: str = ""
    value: str | float | bool | None = None


@record
class Diagnostic:
    """One problem: a stable code, a message that names the value, a primary span, help, and a certain fix."""

    code: str
    severity: Severity
    message: str
    primary: Label
    related: tuple[Label, ...] = ()
    help: str | None = None
    fix: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        """Keep the words readable, whatever they quote; help may have several lines."""
        object.__setattr__(self, "message", readable(self.message))
        if self.help is not None:
            object.__setattr__(self, "help", "\n".join(readable(line) for line in self.help.split("\n")))


@record
class CodeInfo:
    """What ``explain`` says about a code that no rule of ``checks/`` owns."""

    code: str
    severity: Severity
    title: str
    explanation: str


class MlopscError(Exception):
    """A failure that is not the spec's: its message says what to do next."""

    exit_code = 1


class UsageError(MlopscError):
    """The command was called in a way that cannot work."""

    exit_code = 2


def locate(code: str, severity: Severity, finding: Finding, sources: Sources) -> Diagnostic:
    """The diagnostic of a finding, with spans in place of paths."""
    return Diagnostic(
        code=code,
        severity=severity,
        message=finding.message,
        primary=_label(finding.mark, sources),
        related=tuple(_label(mark, sources) for mark in finding.related),
        help=finding.help,
        fix=_repairs(finding.fix, sources),
    )


def _label(mark: Mark, sources: Sources) -> Label:
    return Label(span=sources.span(mark.path, mark.at, mark.within), text=mark.text)


def _repairs(fix: tuple[Edit, ...], sources: Sources) -> tuple[Repair, ...]:
    """The edits at their places; none where the text lacks one of them, since only all together mend the problem."""
    if not all(edit.mark.path in sources.entries for edit in fix):
        return ()
    return tuple(_repair(edit, sources) for edit in fix)


def _repair(edit: Edit, sources: Sources) -> Repair:
    mark = edit.mark
    span = sources.span(mark.path, mark.at, mark.within)
    place: Literal["key", "value", "item", "inside"] = mark.at if mark.within is None else "inside"
    if edit.action == "remove":
        span = sources.span(mark.path)
        place = "item" if mark.path and isinstance(mark.path[-1], int) else "key"
    elif edit.action == "add":
        span, place = sources.span(mark.path, "value"), "value"
    elif place == "key" and sources.entries[mark.path].key is None:
        place = "value"
    return Repair(span=span, action=edit.action, place=place, key=edit.key, value=edit.value)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics by place, each once."""
    return tuple(sorted(set(diagnostics), key=lambda d: (d.primary.span, d.code, d.message)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them stops the compiler."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
