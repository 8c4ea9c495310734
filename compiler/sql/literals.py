"""How DuckDB reads literals, and how messages name what stands in an expression."""

from __future__ import annotations

from datetime import date, datetime

from sqlglot import exp

from .tree import Binary, Case, Cast, Column, Extract, Function, Literal, Negative, Node


def is_double(node: Node) -> bool:  # noqa: PLR0911  (one return per case)
    """Whether DuckDB computes ``node`` as a DOUBLE, and not as an exact decimal."""
    match node:
        case Column(dtype=dtype) | Cast(dtype=dtype):
            return dtype == "float"
        case Negative(operand=operand):
            return is_double(operand)
        case Binary(op=op, left=left, right=right):
            return op == "/" or any(is_double(side) or is_decimal(side) for side in (left, right))
        case Extract(part=part):
            return part == "epoch"
        case Case(branches=branches, default=default):
            return any(is_double(value) for _, value in branches) or is_double(default)
        case Function(name="coalesce" | "greatest" | "least" | "nullif", arguments=arguments):
            return any(is_double(argument) for argument in arguments)
        case Function(dtype=dtype):
            return dtype == "float"
    return False


def is_decimal(node: Node) -> bool:
    """Whether it was a decimal literal; in arithmetic, :func:`make_double` has made it a double."""
    return isinstance(node, Literal) and node.dtype == "float"


def make_double(e: exp.Expr) -> None:
    """Turn decimal literals of ``e`` that stand bare or in parentheses into doubles, in place."""
    while isinstance(e, exp.Paren | exp.Neg):
        e = e.this
    if isinstance(e, exp.Literal) and not e.is_string and "." in e.name:
        e.replace(exp.cast(e.copy(), "double"))


def described(node: Node) -> str:
    """How a message names ``node``."""
    match node:
        case Column(name=name):
            return f"'{name}'"
        case Literal(value=str(text)):
            return f"the text '{text}'"
        case Literal(value=value):
            return str(value)
    return "the expression"


def a(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def as_timestamp(node: Node) -> Node:
    """A date as the moment that it begins; any other value as it is."""
    if isinstance(node, Literal) and node.dtype == "date":
        return Literal(dtype="timestamp", value=f"{node.value}T00:00:00")
    return Cast(dtype="timestamp", operand=node) if node.dtype == "date" else node


def read_as(literal: Literal, dtype: str) -> Node | None:
    """A string literal as the value that DuckDB reads it as; None where it could not."""
    text = str(literal.value)
    try:
        if dtype == "timestamp":
            moment = datetime.fromisoformat(text)
            return Literal(dtype=dtype, value=moment.isoformat()) if moment.tzinfo is None else None
        if dtype == "date":
            return Literal(dtype=dtype, value=date.fromisoformat(text).isoformat())
    except ValueError:
        return None
    return None


def plain_search(pattern: str) -> tuple[str, str] | None:
    """The plain search that a LIKE pattern is; None where it is more than that."""
    text = pattern.strip("%")
    if not text or any(mark in text for mark in "%_\\"):
        return None
    before, after = pattern.startswith("%"), pattern.endswith("%")
    if before and after:
        return "contains", text
    if before or after:
        return ("ends_with" if before else "starts_with"), text
    return "equals", text
