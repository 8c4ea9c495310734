"""Words under ``stack`` that no installed target serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from ..diagnostics import Finding, Mark
from ..model.project import Stack
from ..model.resolved import Project
from ..source import YamlPath
from ..suggest import did_you_mean
from .base import Target, TargetFinding
from .codes import STACK


def unsupported(project: Project, targets: Sequence[Target]) -> Iterator[TargetFinding]:
    """One finding for each word without a target, with the words that work."""
    for role, word, path in _words(project.spec.stack):
        known = sorted({served for target in targets for kind, served in target.serves if kind == role})
        if word not in known:
            yield STACK.found(
                Finding(
                    message=f"unsupported word '{word}' for '{role}'",
                    mark=Mark(path=path, at="value", text="no installed target compiles to this"),
                    help=_help(word, known),
                )
            )


def _help(word: str, known: Sequence[str]) -> str:
    works = f"what works today: {', '.join(known) or 'nothing'}"
    meant = did_you_mean(word, known)
    return f"{meant} ({works})" if meant else works


def _words(stack: Stack) -> Iterable[tuple[str, str, YamlPath]]:
    for field in fields(stack):
        value = getattr(stack, field.name)
        if isinstance(value, str):
            yield field.name, value, (*stack.path, field.name)
    for alert in stack.alerts:
        yield "alerts", alert.name, alert.path
