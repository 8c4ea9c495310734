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
from ...sql.tree import Comparison, Extract, Literal, Membership, Node, TypedExpr, children
from ...suggest import certain, suggest
from ..base import Check, Surroundings
from ..sections import features, models

FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
PARTS: Mapping[str, tuple[int, int]] = {
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "dow": (0, 6),
    "isodow": (1, 7),
    "day": (1, 31),
    "month": (1, 12),
    "quarter": (1, 4),
    "week": (1, 53),
    "doy": (1, 366),
}
"""The smallest and the largest value of a part of a timestamp, as DuckDB counts them."""

Columns = Mapping[str, Column | Invalid]


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every comparison of a feature or label with null, or that is the same for all that its column may be."""
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
        for left, op, literal in _compared(node):
            column = columns.get(left.name) if isinstance(left, ColumnNode) else None
            if literal.value is None:
                yield _with_null(text, op)
            elif isinstance(column, Column):
                yield from _value(text, column, op, literal)
                yield from _bounds(text, column, op, literal)
            elif isinstance(left, Extract):
                yield from _part(text, left.part, op, literal.value)


def _compared(node: Node) -> Iterator[tuple[Node, str, Literal]]:
    """The comparisons with a constant in a node, the constant on the right."""
    pairs: list[tuple[Node, str, Node]] = []
    if isinstance(node, Comparison):
        pairs = [(node.left, node.op, node.right), (node.right, FLIPPED.get(node.op, node.op), node.left)]
    elif isinstance(node, Membership):
        pairs = [(node.operand, "==", item) for item in node.items]
    yield from ((left, op, right) for left, op, right in pairs if isinstance(right, Literal))


def _with_null(text: Sql, op: str) -> Finding:
    start = text.text.lower().find("null")
    once = text.text.lower().count("null") == 1
    said = "is not null" if op == "!=" else "is null"
    return Finding(
        message="nothing is equal to null, nor unlike it: the comparison is null in every row",
        mark=Mark(path=text.path, at="value", within=(start, start + len("null")) if once else None),
        help=f"ask whether there is a value: … {said}",
    )


def _part(text: Sql, part: str, op: str, value: object) -> Iterator[Finding]:
    """A number that a part of a timestamp never is, or never reaches."""
    if part not in PARTS or isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = PARTS[part]
    never = {
        "==": not low <= value <= high,
        "<": value <= low,
        "<=": value < low,
        ">": value >= high,
        ">=": value > high,
    }
    if never.get(op, False):
        yield Finding(
            message=f"the {part} is never {'' if op == '==' else f'{op} '}{value:g}",
            mark=_number(text, value),
            help=f"it is from {low} to {high}",
        )


def _number(text: Sql, value: float) -> Mark:
    """The number in the text, where it stands there once."""
    places = list(re.finditer(rf"(?<![\w.]){re.escape(f'{value:g}')}(?![\w.])", text.text))
    return Mark(path=text.path, at="value", within=places[0].span() if len(places) == 1 else None)


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
            mark=_number(text, value),
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
    "answer in every row: mostly the value is misspelt, or measured in another unit. So it is with an hour of 24, and "
    "with `= null`: nothing equals null, and `is null` asks for that.",
    run=find,
    severity=Severity.WARNING,
)
