"""From an SQL text to a typed expression, or to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from .tree import Column, ColumnType, SqlProblem, Table, TypedExpr

_PLAIN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")


def analyse(
    text: str, columns: Mapping[str, ColumnType], *, allow_aggregate: bool = False
) -> tuple[TypedExpr | None, tuple[SqlProblem, ...]]:
    """The typed expression of ``text`` over ``columns``, or None and what is wrong.

    With ``allow_aggregate`` the text is an aggregate over many rows, as in a window or a business metric.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and plain[1] in columns and not allow_aggregate:
        return column(plain[1], columns[plain[1]]), ()
    return _analysed(text, columns if isinstance(columns, Table) else Table(columns), allow_aggregate)


@lru_cache(maxsize=10_000)
def _analysed(
    text: str,
    columns: Table,
    allow_aggregate: bool,  # noqa: FBT001  (part of the cache's key)
) -> tuple[TypedExpr | None, tuple[SqlProblem, ...]]:
    """The same text over the same columns stands in many models, and once in each environment."""
    from .expression import analysed  # noqa: PLC0415  (importing sqlglot takes a fifth of a second)

    return analysed(text, columns, allow_aggregate=allow_aggregate)


def analyse_query(text: str, tables: Mapping[str, Mapping[str, ColumnType]]) -> tuple[SqlProblem, ...]:
    """What is wrong with a whole SELECT over ``tables``."""
    from .query import analysed  # noqa: PLC0415  (importing sqlglot takes a fifth of a second)

    return analysed(text, tables)


def column(name: str, kind: ColumnType) -> TypedExpr:
    """The expression that is a column and nothing else."""
    return TypedExpr(
        text=quoted(name),
        dtype=kind.dtype,
        columns=(name,),
        nullable=kind.nullable,
        tree=Column(dtype=kind.dtype, name=name) if kind.dtype is not None else None,
    )


def quoted(name: str) -> str:
    """A column's name as DuckDB reads it, in quotes where it needs them."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


# SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')
_RESERVED = (
    "all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast "
    "check collate collation column columns concurrently constraint create cross default deferrable desc "
    "describe distinct do else end except false fetch for foreign freeze from full generated glob group having "
    "ilike in initially inner intersect into is isnull join lambda lateral leading left like limit map natural "
    "not notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional "
    "primary qualify references returning right select semi show similar some struct summarize symmetric table "
    "tablesample then to trailing true try_cast tuple union unique unpack unpivot using variadic verbose when "
    "where window with"
)
RESERVED = frozenset(_RESERVED.split())
