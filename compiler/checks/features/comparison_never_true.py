"""A comparison in SQL that has the same outcome in every row, by what the contract says of the column."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.resolved import Project
from ...model.values import Sql, is_valid
from ...sql import tree as sql
from ...suggest import certain, suggest
from ..base import Check, Surroundings
from ..sections import features, models

PARTS = {
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

Range = tuple[float | None, float | None]


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every comparison with null, with a value that the contract excludes, or beyond the ends of a range."""
    for found, feature in features(project):
        text = feature.feature.sql
        if text is not None and feature.kind == "sql" and feature.expression is not None:
            yield from _judged(found.dataset, text, feature.expression.tree)
    for model in models(project):
        label = model.spec.label
        if is_valid(label) and model.dataset is not None and model.label is not None:
            yield from _judged(model.dataset, label.sql, model.label.tree)


def _judged(dataset: Dataset, text: Sql, node: sql.Node | None, *, root: bool = True) -> Iterator[Finding]:
    if node is None:
        return
    match node:
        case sql.Comparison(left=left, right=sql.Literal() as right):
            yield from _compared(dataset, text, node.op, left, right, root=root)
        case sql.Comparison(left=sql.Literal() as left, right=right):
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(node.op, node.op)
            yield from _compared(dataset, text, turned, right, left, root=root)
        case sql.Membership(operand=operand, items=items):
            for item in items:
                yield from _excluded(dataset, text, operand, item)
    for child in sql.children(node):
        yield from _judged(dataset, text, child, root=False)


def _compared(  # noqa: PLR0913  (the parts of one comparison)
    dataset: Dataset, text: Sql, op: str, left: sql.Node, right: sql.Literal, *, root: bool
) -> Iterator[Finding]:
    if right.value is None:
        said = "is null" if op == "==" else "is not null"
        yield Finding(
            message="nothing is equal to null, nor unlike it: the comparison is null in every row",
            mark=_mark(text, "null"),
            help=f"ask whether there is a value: … {said}",
        )
    elif op in ("==", "!="):
        yield from _excluded(dataset, text, left, right)
    else:
        yield from _beyond(dataset, text, op, left, right, root=root)


def _excluded(dataset: Dataset, text: Sql, operand: sql.Node, item: sql.Literal) -> Iterator[Finding]:
    """A value that a column never has: not among those allowed, or outside of its range."""
    column = _column(dataset, operand)
    if column is not None and column.allowed is not None and item.value is not None:
        if item.value not in column.allowed:
            yield _not_allowed(text, column, item)
        return
    low, high = _range(column, operand)
    value = item.value
    if isinstance(value, int | float) and ((low is not None and value < low) or (high is not None and value > high)):
        yield Finding(
            message=f"{_name(operand)} is never {value:g}",
            mark=_mark(text, f"{value:g}"),
            help=f"it is {_said(low, high)}",
        )


def _not_allowed(text: Sql, column: Column, item: sql.Literal) -> Finding:
    names = [str(value) for value in column.allowed or ()]
    mark = _mark(text, f"'{item.value}'")
    near, sure = suggest(str(item.value), names), certain(str(item.value), names)
    written = isinstance(item.value, str) and mark.within is not None
    return Finding(
        message=f"'{column.name}' is never '{item.value}'",
        mark=mark,
        related=(Mark(path=(*column.path, "allowed"), text=f"all that '{column.name}' may be"),),
        help=f"did you mean '{near}'?" if near else f"it is one of {', '.join(names)}",
        fix=(Edit(mark=mark, value=f"'{sure}'"),) if sure and written and "'" not in sure else (),
    )


def _beyond(  # noqa: PLR0913  (the parts of one comparison)
    dataset: Dataset, text: Sql, op: str, left: sql.Node, right: sql.Literal, *, root: bool
) -> Iterator[Finding]:
    """An order that no value keeps, or that all do; the latter may be a guard where it is a part of something."""
    low, high = _range(_column(dataset, left), left)
    value = right.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    outcomes = {
        "<": (high is not None and high < value, low is not None and low >= value),
        "<=": (high is not None and high <= value, low is not None and low > value),
        ">": (low is not None and low > value, high is not None and high <= value),
        ">=": (low is not None and low >= value, high is not None and high < value),
    }
    always, never = outcomes.get(op, (False, False))
    if never or (always and root):
        yield Finding(
            message=f"{_name(left)} is {'always' if always else 'never'} {op} {value:g}",
            mark=_mark(text, f"{value:g}"),
            help=f"it is {_said(low, high)}",
        )


def _column(dataset: Dataset, node: sql.Node) -> Column | None:
    found = dataset.columns.get(node.name) if isinstance(node, sql.Column) else None
    return found if isinstance(found, Column) else None


def _range(column: Column | None, node: sql.Node) -> Range:
    if column is not None:
        return column.min, column.max
    return PARTS.get(node.part, (None, None)) if isinstance(node, sql.Extract) else (None, None)


def _said(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def _name(node: sql.Node) -> str:
    return f"'{node.name}'" if isinstance(node, sql.Column) else f"the {getattr(node, 'part', 'value')}"


def _mark(text: Sql, literal: str) -> Mark:
    start = text.text.lower().find(literal.lower())
    once = start >= 0 and text.text.lower().count(literal.lower()) == 1
    return Mark(path=text.path, at="value", within=(start, start + len(literal)) if once else None)


CHECK = Check(
    code="MLC333",
    title="comparison that never changes",
    explanation="A contract says which values a column may have: `allowed`, `min` and `max`; an hour is from 0 to 23, "
    "an `isodow` from 1 to 7. A comparison that is true in every row, or in none, is a slip of the keyboard more often "
    "than not, and its feature tells the model nothing. Nothing equals null: `is null` asks for that.",
    run=find,
    severity=Severity.WARNING,
)
