"""What a rule of the data contract found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome of one rule; ``rows`` are the positions of bad rows, counted from 1."""

    dataset: str
    name: str
    severity: str
    passed: bool
    detail: str
    column: str | None = None
    bad_rows: int = 0
    rows: tuple[int, ...] = ()
