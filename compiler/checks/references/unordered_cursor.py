"""A cursor whose values do not say which rows are new."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project
from ...model.values import Reference, is_valid
from ..base import Check, Surroundings
from ..sections import datasets
from .since_without_cursor import ORDERED


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column that ``since`` goes by and that may be missing, or has no order that grows."""
    for dataset in datasets(project):
        source = dataset.source
        cursor = (source.cursor or dataset.time) if is_valid(source) and source.since is not None else None
        column = dataset.columns.get(cursor.name) if cursor is not None else None
        if isinstance(column, Column) and cursor is not None:
            yield from _judge(column, cursor)


def _judge(column: Column, cursor: Reference) -> Iterator[Finding]:
    declared = (Mark(path=column.path, text=f"'{column.name}' is declared here"),)
    mark = Mark(path=cursor.path, text="says which rows are new", at="value")
    if column.type not in ORDERED:
        yield Finding(
            message=f"'{column.name}' is a {column.type}, which does not say which rows are new",
            mark=mark,
            related=declared,
            help="name a column that grows with every new row: a timestamp, a date or an integer",
        )
    elif column.nullable:
        yield Finding(
            message=f"'{column.name}' may be missing, and then nobody knows whether its row is new",
            mark=mark,
            related=declared,
            help="name a column that every row has, or leave such rows out of the source and remove 'nullable'",
        )


CHECK = Check(
    code="MLC221",
    title="cursor without an order",
    explanation="A source with `since` remembers the largest value of its cursor and asks for the rows behind it. That "
    "works for a timestamp, a date or a number that grows, and that no row lacks.",
    run=find,
)
