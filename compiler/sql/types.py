"""The types of a spec and those of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.schema import MappingSchema

from .tree import TO_DUCKDB, ColumnType

UNKNOWN = "unknown"
_DECIMALS = (exp.DataType.Type.DECIMAL, exp.DataType.Type.DECIMAL32, exp.DataType.Type.DECIMAL64)


@cache
def _families() -> tuple[tuple[frozenset[Any], str], ...]:
    kinds = exp.DataType
    return (
        (frozenset(kinds.INTEGER_TYPES), "integer"),
        (frozenset((*kinds.REAL_TYPES, *_DECIMALS)), "float"),
        (frozenset(kinds.TEXT_TYPES), "string"),
        (frozenset((kinds.Type.BOOLEAN,)), "boolean"),
        (frozenset((kinds.Type.DATE, kinds.Type.DATE32)), "date"),
        (frozenset(kinds.TEMPORAL_TYPES), "timestamp"),
    )


def from_sqlglot(kind: exp.DataType | None) -> str:
    """Our name of sqlglot's type."""
    if kind is None:
        return UNKNOWN
    return next((name for family, name in _families() if kind.this in family), UNKNOWN)


def of(e: exp.Expr, columns: Mapping[str, ColumnType]) -> str:
    """The type of any expression, as far as sqlglot knows it."""
    copy = e.copy()
    for column in copy.find_all(exp.Column):
        known = columns.get(column.name)
        column.type = exp.DataType.build(TO_DUCKDB.get((known and known.dtype) or "", "UNKNOWN"), dialect="duckdb")
    select = exp.Select(expressions=[copy])
    typed = annotate_types(select, schema=MappingSchema(dialect="duckdb"), dialect="duckdb", overwrite_types=False)
    return from_sqlglot(typed.expressions[0].type)
