"""A sample weight that may be null or negative."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column, Dataset
from ...model.models import Train
from ...model.resolved import Project, ResolvedModel
from ...model.values import Sql
from ...sql.tree import Case, Literal, Negative, Node, TypedExpr
from ...sql.tree import Column as ColumnNode
from ..base import Check, Surroundings
from ..sections import models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every weight that gives some rows none, or a negative one."""
    for model in models(project):
        train = model.spec.train
        text = train.sample_weight if isinstance(train, Train) else None
        weight = weight_of(model) if text is not None else None
        if text is not None and weight is not None and weight.dtype in ("integer", "float", "boolean"):
            yield from _judged(model, text, weight)


def weight_of(model: ResolvedModel) -> TypedExpr | None:
    """The typed weight of a model; None where it has none, or a broken one."""
    train = model.spec.train
    path = train.sample_weight.path if isinstance(train, Train) and train.sample_weight is not None else None
    return next((found for place, found, _ in model.other_sql if place == path), None)


def _judged(model: ResolvedModel, text: Sql, weight: TypedExpr) -> Iterator[Finding]:
    mark = Mark(path=text.path, at="value")
    if weight.nullable and weight.dtype != "boolean":
        yield Finding(
            message=f"the sample weight of '{model.name}' may be null, and such rows count for nothing",
            mark=mark,
            help=f"write: coalesce({text.text.strip()}, 1)",
        )
    low = _low(weight.tree, model.dataset) if weight.tree is not None and model.dataset is not None else None
    if low is not None and low < 0:
        yield Finding(
            message=f"the sample weight of '{model.name}' may be {low:g}",
            mark=mark,
            help=f"write: greatest({text.text.strip()}, 0)",
        )


def _low(node: Node, dataset: Dataset) -> float | None:
    """The least value that an expression surely may have; None where nobody says."""
    match node:
        case Literal(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case Negative(operand=Literal(value=int() | float() as value)):
            return -float(value)
        case ColumnNode(name=name):
            column = dataset.columns.get(name)
            return column.min if isinstance(column, Column) else None
        case Case(branches=branches, default=default):
            found = [_low(value, dataset) for value in (*(value for _, value in branches), default)]
            return min((value for value in found if value is not None), default=None)
    return None


CHECK = Check(
    code="MLC322",
    title="sample weight without sense",
    explanation="A weight says how much a row counts in training. Null counts for nothing, so that rows drop out "
    "unnoticed; below zero a row teaches the opposite, or the estimator refuses it.",
    run=find,
    severity=Severity.WARNING,
)
