"""What every target is: a name, the words of the stack that it serves, and a function from plan to artifacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..artifact import Artifact
from ..diagnostics import Finding
from ..model.resolved import Project
from ..pins import Pins
from ..planning.plan import Plan
from ..records import record


@record
class Context:
    """What a target may look at; ``project_dir`` is the project folder relative to the Git root ("" at the root)."""

    project: Project
    plan: Plan
    pins: Pins
    project_dir: str = ""


@record
class TargetFinding:
    """What a target cannot express: one of its codes and the finding."""

    code: str
    finding: Finding
    severity: str = "error"


class Target(Protocol):
    """A place that a plan can be compiled to."""

    name: str
    serves: tuple[tuple[str, str], ...]  # (role of the stack, word), e.g. ("ci", "github-actions")

    def applies(self, context: Context) -> bool:
        """Whether this stack asks for it."""

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """What it cannot express."""

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The files that it writes."""
