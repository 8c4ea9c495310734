"""What every check is: a code, words about it, and a function from a project to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from ..diagnostics import Finding, Severity
from ..model.resolved import Project
from ..source import Sources, YamlPath
from .texts import scalars

MAX_CODE = 2_000_000
"""How much of one file of the user's is read, in bytes."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a check may look at besides the project: the text of the spec, and files of the project folder."""

    folder: Path
    sources: Sources

    @cached_property
    def scalars(self) -> tuple[tuple[YamlPath, str], ...]:
        """Every scalar of the spec with its raw text."""
        return tuple(scalars(self.sources))

    def written(self, path: YamlPath) -> bool:
        """Whether something stands at ``path``, valid or not."""
        return path in self.sources.entries

    def read(self, path: str) -> str | None:
        """The text of a file of the project folder; None where there is none, or it lies outside."""
        inside = PurePosixPath(path)
        if inside.is_absolute() or ".." in inside.parts:
            return None
        file = self.folder / inside
        try:
            return file.read_bytes()[:MAX_CODE].decode("utf-8") if file.is_file() else None
        except (OSError, ValueError):  # not there, not UTF-8, or a name that no file can have
            return None

    def exists(self, path: str) -> bool:
        """Whether the project folder has this file or folder."""
        try:
            return (self.folder / path).exists()
        except (OSError, ValueError):  # a name that no file can have
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule: it owns its code, and yields nothing about what is ``Invalid``."""

    code: str
    title: str
    explanation: str
    run: Callable[[Project, Surroundings], Iterable[Finding]]
    severity: Severity = Severity.ERROR
