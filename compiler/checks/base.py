"""What every check is: a code, words about it, and a function from a project to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from ..diagnostics import Edit, Finding, Severity
from ..inputs import Inputs
from ..model.resolved import Project
from ..records import record
from ..source import Sources, YamlPath
from .texts import scalars


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a check may look at besides the project: the text of the spec, and files of the project folder.

    Files are read through ``read`` and ``exists`` only: a later compile asks whether they are still the same.
    """

    inputs: Inputs
    sources: Sources

    @cached_property
    def scalars(self) -> tuple[tuple[YamlPath, str], ...]:
        """Every scalar of the spec that is more than a short word or number, with its raw text."""
        return tuple(scalars(self.sources))

    def written(self, path: YamlPath) -> bool:
        """Whether something stands at ``path``, valid or not."""
        return path in self.sources.entries

    def read(self, path: str) -> str | None:
        """The text of a file of the project folder; None where there is none, or it lies outside."""
        return self.inputs.text(path)

    def exists(self, path: str) -> bool:
        """Whether the project folder has this file or folder."""
        return self.inputs.exists(path)


@record
class Check:
    """One rule: it owns its code, and yields nothing about what is ``Invalid``."""

    code: str
    title: str
    explanation: str
    run: Callable[[Project, Surroundings], Iterable[Finding]]
    severity: Severity = Severity.ERROR


def together(one: tuple[Edit, ...], other: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The fix of the same mistake at several places: all of them, or none where one is not certain."""
    return tuple(dict.fromkeys((*one, *other))) if one and other else ()
