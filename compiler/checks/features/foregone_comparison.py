"""A comparison that the contract of its column has decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...diagnostics import Edit, Finding, Mark, Severity
from ...model.data import Column
from ...model.models import Label
from ...model.resolved import Project
from ...model.values import Invalid, Sql
from ...sql.tree import Column as ColumnNode
from ...sql.tree import Comparison, Literal, Membership, Node, TypedExpr, children
from ...suggest import certain, suggest
from ..base import Check, Surroundings
from ..sections import features, models

FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
Columns = Mapping[str, Column | Invalid]


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every comparison of a feature or label that is the same for all values that its column may have."""
    for found, feature in features(project):
        if feature.feature.sql is not None:
            yield from _judged(feature.feature.sql, feature.expression, found.dataset.columns)
    for model in models(project):
        if isinstance(model.spec.label, Label) and model.dataset is not None:
            yield from _judged(model.spec.label.sql, model.label, model.dataset.columns)


def _judged(text: Sql, expression: TypedExpr | None, columns: Columns) -> Iterator[Finding]:
    tree = expression.tree if expression is not None else None
    stack: list[Node] = [tree] if tree is not None else []
    while stack:
        node = stack.pop()
        stack += children(node)
        for column, op, literal in _compared(node, columns):
            yield from _value(text, column, op, literal)
            yield from _bounds(text, column, op, literal)


def _compared(node: Node, columns: Columns) -> Iterator[tuple[Column, str, Literal]]:
    """The comparisons of a column with a constant in a node, the column on the left."""
    pairs: list[tuple[Node, str, Node]] = []
    if isinstance(node, Comparison):
        pairs = [(node.left, node.op, node.right), (node.right, FLIPPED.get(node.op, node.op), node.left)]
    elif isinstance(node, Membership):
        pairs = [(node.operand, "==", item) for item in node.items]
    for left, op, right in pairs:
        column = columns.get(left.name) if isinstance(left, ColumnNode) else None
        if isinstance(column, Column) and isinstance(right, Literal):
            yield column, op, right


def _value(text: Sql, column: Column, op: str, literal: Literal) -> Iterator[Finding]:
    """A word that the column never is."""
    value, allowed = literal.value, column.allowed
    if op not in ("==", "!=") or allowed is None or not isinstance(value, str) or column.type != "string":
        return
    if value not in allowed:
        words = [str(word) for word in allowed]
        near, sure = suggest(value, words), certain(value, words)
        within = _place(text.text, value)
        mark = Mark(path=text.path, at="value", within=within, text="not among its allowed values")
        yield Finding(
            message=f"'{column.name}' is never '{value}', by its contract",
            mark=mark,
            related=(Mark(path=(*column.path, "allowed"), text="what it may be"),),
            help=f"write: '{near}'" if near else f"it is one of {', '.join(words)}",
            fix=(Edit(mark=mark, value=f"'{sure}'"),) if sure and within is not None and "'" not in sure else (),
        )


def _place(text: str, value: str) -> tuple[int, int] | None:
    """Where the constant stands, where it stands once."""
    places = list(re.finditer(re.escape("'" + value.replace("'", "''") + "'"), text))
    return places[0].span() if len(places) == 1 else None


def _bounds(text: Sql, column: Column, op: str, literal: Literal) -> Iterator[Finding]:
    """A number beyond what the column may be."""
    value = literal.value
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    low, high = column.min, column.max
    never = (high is not None and _beyond(op in (">", ">="), strict=op == ">", edge=high, value=value)) or (
        low is not None and _beyond(op in ("<", "<="), strict=op == "<", edge=-low, value=-value)
    )
    always = (low is not None and _beyond(op in (">", ">="), strict=op == ">=", edge=-low, value=-value)) or (
        high is not None and _beyond(op in ("<", "<="), strict=op == "<=", edge=high, value=value)
    )
    always = always and not column.nullable  # where it may be null, it asks for the rows that have a value
    outside = op == "==" and ((high is not None and value > high) or (low is not None and value < low))
    if never or always or outside:
        said = f"{'equal to' if op == '==' else op} {value:g}"
        yield Finding(
            message=f"'{column.name}' is {'always' if always else 'never'} {said}, by its contract",
            mark=Mark(path=text.path, at="value"),
            related=(Mark(path=column.path, text=_range(column)),),
            help="correct the number, or the contract of the column",
        )


def _beyond(applies: bool, *, strict: bool, edge: float, value: float) -> bool:  # noqa: FBT001  (whether the operator is meant)
    return applies and (value >= edge if strict else value > edge)


def _range(column: Column) -> str:
    ends = [
        f"at least {column.min:g}" if column.min is not None else "",
        f"at most {column.max:g}" if column.max is not None else "",
    ]
    return " and ".join(end for end in ends if end)


CHECK = Check(
    code="MLC323",
    title="foregone comparison",
    explanation="The contract of a column says which values it may have. A comparison with another one has the same "
    "answer in every row: mostly the value is misspelt, or measured in another unit.",
    run=find,
    severity=Severity.WARNING,
)
