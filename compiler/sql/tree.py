"""Our own typed form of an SQL expression: what the Python compiler and the dialects read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlProblem:
    """What is wrong in an SQL text; ``start`` and ``end`` are character offsets into it."""

    kind: str  # syntax | unknown_column | type | aggregate | nondeterministic | unsupported
    message: str
    start: int
    end: int
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedExpr:
    """An expression that parses: its normalised DuckDB text, its type, and the columns that it reads."""

    text: str
    dtype: str | None
    columns: tuple[str, ...]
    nullable: bool
    tree: Node | None  # None: no faithful Python form


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The base of all nodes."""

    dtype: str
