"""The rules that a contract declares, in one list that both backends check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..core.config import Column, Dataset, TableCheck

ROWWISE = ("not_null", "min", "max", "min_length", "max_length", "allowed", "pattern")
"""Kinds that look at one value alone."""

LOCATED = (*ROWWISE, "unique", "references", "duplicate_keys", "sql")
"""Kinds that are broken by single rows, and say which."""

COMPARED = ("row_count", "distribution")
"""Kinds that may look at the last accepted run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: ``name`` says it to a person, ``number`` tells it apart from all others of a run."""

    number: int
    dataset: str
    kind: str
    name: str
    severity: str  # error | warn
    column: str | None = None
    contract: Column | None = None  # of the column, for a rule of one
    check: TableCheck | None = None  # for a rule of the whole table

    @property
    def place(self) -> str:
        """Whom it is about, and what it says."""
        return f"{self.column}: {self.name}" if self.column else self.name


def rules_of(label: str, dataset: Dataset, first: int = 0) -> list[Rule]:
    """Every rule of the contract, numbered from ``first``."""
    found: list[Rule] = []
    for column, contract in dataset.columns.items():
        for kind, name in _of_column(contract):
            key = "nullable" if kind == "not_null" else kind
            severity = "warn" if key in contract.warn else "error"
            number = first + len(found)
            found.append(
                Rule(
                    number=number,
                    dataset=label,
                    kind=kind,
                    name=name,
                    severity=severity,
                    column=column,
                    contract=contract,
                )
            )
    for check in dataset.checks:
        found.append(
            Rule(
                number=first + len(found),
                dataset=label,
                kind=check.kind,
                name=check.name or check.kind.replace("_", " "),
                severity=check.severity,
                column=check.column,
                check=check,
            )
        )
    return found


def _of_column(column: Column) -> Iterator[tuple[str, str]]:
    if not column.nullable:
        yield "not_null", "is never null"
    if column.unique:
        yield "unique", "is unique"
    target = column.references
    yield from (
        (kind, text.format(value))
        for kind, value, text in (
            ("min", _number(column.min), "is at least {}"),
            ("max", _number(column.max), "is at most {}"),
            ("min_length", column.min_length, "has at least {} characters"),
            ("max_length", column.max_length, "has at most {} characters"),
            ("allowed", None if column.allowed is None else ", ".join(map(str, column.allowed)), "is one of {}"),
            ("pattern", column.pattern, "matches {}"),
            ("min_distinct", column.min_distinct, "has at least {} values"),
            ("max_distinct", column.max_distinct, "has at most {} values"),
            ("references", f"{target.dataset}.{target.column}" if target else None, "is in {}"),
        )
        if value is not None
    )


def _number(value: float | None) -> str | None:
    return None if value is None else str(value) if isinstance(value, int) else f"{value:.15g}"
