"""What the rules of a data contract found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .rules import Rule

Value = int | float | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a backend says about one rule: whether it holds, and the number that it looked at, if there is one."""

    passed: bool
    value: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome of one rule, as every report of it says; ``examples`` hold no personal data."""

    rule: Rule
    passed: bool
    detail: str
    bad_rows: int = 0
    value: Value = None
    examples: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the pipeline has to stop."""
        return not self.passed and self.rule.severity == "error"
