"""What is known of nulls in an expression: where they come from, and where they cannot be."""

from __future__ import annotations

from collections.abc import Mapping

from .tree import (
    Binary,
    Case,
    Cast,
    Column,
    ColumnType,
    Comparison,
    Distinct,
    Extract,
    Function,
    IsNull,
    Literal,
    Logical,
    Membership,
    Negative,
    Node,
    Not,
    Opaque,
    children,
)

CHOICES = ("coalesce", "greatest", "least", "nullif")
"""Functions that choose among their arguments, so that one null does not make the result null."""


def is_strict(node: Node) -> bool:
    """Whether ``node`` is null exactly when one of its inputs is."""
    match node:
        case Column() | Negative() | Not() | Binary() | Comparison() | Membership() | Cast() | Extract():
            return True
        case Logical(left=left, right=right):
            return is_strict(left) and is_strict(right) and set(atoms(left)) == set(atoms(right))
        case Function(name=name):
            return name not in (*CHOICES, "concat", "concat_ws")
    return False


def atoms(node: Node) -> tuple[Node, ...]:
    """The inputs whose nulls make a strict ``node`` null: columns, and parts that are not strict themselves."""
    if isinstance(node, Column):
        return (node,)
    if not is_strict(node):
        return (node,) if can_be_null(node, frozenset()) else ()
    return tuple(dict.fromkeys(atom for child in children(node) for atom in atoms(child)))


def can_be_null(node: Node, known: frozenset[str]) -> bool:  # noqa: PLR0911  (one return per case)
    """Whether SQL can give null for it: a request may leave out every column but the ``known`` ones."""
    match node:
        case Column(name=name):
            return name not in known
        case Literal(value=value):
            return value is None
        case IsNull() | Distinct() | Function(name="concat" | "concat_ws"):
            return False
        case Function(name="nullif" | "greatest" | "least"):
            return True  # so do the types of the helper functions say
        case Function(name="coalesce", arguments=arguments):
            return all(can_be_null(argument, known) for argument in arguments)
        case Case(branches=branches, default=default):
            values = [can_be_null(value, known | sure(condition)) for condition, value in branches]
            return any(values) or can_be_null(default, known)
    return any(can_be_null(child, known) for child in children(node))


def sure(condition: Node) -> frozenset[str]:
    """The columns that are not null where ``condition`` is true."""
    match condition:
        case Logical(op="and", left=left, right=right):
            return sure(left) | sure(right)
        case Not(operand=IsNull(operand=Column(name=name))):
            return frozenset((name,))
        case Comparison() | Membership() | Function() if is_strict(condition):
            return frozenset(atom.name for atom in atoms(condition) if isinstance(atom, Column))
    return frozenset()


def may_be_null(node: Node, columns: Mapping[str, ColumnType]) -> bool:  # noqa: PLR0911  (one return per case)
    """Whether ``node`` may be null for some row of ``columns``."""
    match node:
        case Column(name=name):
            return columns[name].nullable
        case Literal(value=value):
            return value is None
        case IsNull() | Distinct():
            return False
        case Opaque() | Function(name="nullif"):
            return True
        case Function(name="coalesce" | "greatest" | "least" | "concat" | "concat_ws", arguments=arguments):
            return all(may_be_null(argument, columns) for argument in arguments)
        case Case(branches=branches, default=default):
            return any(may_be_null(value, columns) for _, value in branches) or may_be_null(default, columns)
    return any(may_be_null(child, columns) for child in children(node))
