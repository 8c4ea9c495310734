"""The rules that a spec must keep, one per file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from ..diagnostics import Diagnostic, locate
from ..model.resolved import Project
from ..source import Sources
from .base import Check, Surroundings

__all__ = ["Check", "Surroundings", "all_checks", "run_all"]

MODULES: tuple[str, ...] = ()
"""Where the checks are, in the order of their codes; each module has one, named ``CHECK``."""


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of the codes."""
    return tuple(import_module(f".{name}", __name__).CHECK for name in MODULES)


def run_all(project: Project, folder: Path, sources: Sources) -> tuple[Diagnostic, ...]:
    """What the checks find in ``project``, whose spec stands in ``folder``."""
    return tuple(_found(project, Surroundings(folder=folder, sources=sources)))


def _found(project: Project, surroundings: Surroundings) -> Iterator[Diagnostic]:
    for check in all_checks():
        for finding in check.run(project, surroundings):
            yield locate(check.code, check.severity, finding, surroundings.sources)
