"""A whole SELECT over the datasets, as table checks write it: its tables and columns must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from ..suggest import suggest
from .expression import parsed, plain_certain, span_of
from .tree import TO_DUCKDB, ColumnType, SqlProblem

_COLUMN = re.compile(r"column:? '?(\w+)'?", re.IGNORECASE)


def analysed(text: str, tables: Mapping[str, Mapping[str, ColumnType]]) -> tuple[SqlProblem, ...]:  # noqa: PLR0911  (each way out says why)
    """What is wrong with the query ``text``; empty where nothing is."""
    query, problem = parsed(text)
    if query is None:
        return (problem,) if problem else ()
    if not isinstance(query, exp.Query):
        return (SqlProblem(kind="unsupported", message="a SELECT is needed here", start=0, end=len(text)),)
    unknown = tuple(_unknown_tables(text, query, tables))
    if unknown:
        return unknown
    if not all(tables.values()) or any(isinstance(t.this, exp.Func) for t in query.find_all(exp.Table)):
        return ()  # not every table's columns are known
    schema: dict[str, object] = {}
    schema |= {name: {c: TO_DUCKDB.get(k.dtype or "", "VARCHAR") for c, k in cs.items()} for name, cs in tables.items()}
    try:
        qualify(sqlglot.parse_one(text, read="duckdb"), schema=schema, dialect="duckdb")
    except OptimizeError as error:
        return (_unknown_column(text, str(error), tables),)
    except SqlglotError:
        return ()  # sqlglot cannot follow it; DuckDB may
    return ()


def _unknown_tables(text: str, query: exp.Expr, tables: Mapping[str, Mapping[str, ColumnType]]) -> Iterator[SqlProblem]:
    named = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    known = {name.lower() for name in tables} | named
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Func) or table.name.lower() in known:
            continue
        start, end = span_of(text, table.this)
        message = f"unknown dataset '{table.name}'"
        near, sure = suggest(table.name, tables), plain_certain(table.name, tables)
        yield SqlProblem(kind="unknown_table", message=message, start=start, end=end, suggestion=near, certain=sure)


def _unknown_column(text: str, said: str, tables: Mapping[str, Mapping[str, ColumnType]]) -> SqlProblem:
    found = _COLUMN.search(said)
    name = found[1] if found else ""
    places = [place.span() for place in re.finditer(rf"\b{re.escape(name)}\b", text)] if name else []
    start, end = places[0] if places else (0, len(text))
    known = {column for columns in tables.values() for column in columns}
    near, sure = (suggest(name, known), len(places) == 1 and plain_certain(name, known)) if name else (None, False)
    message = f"unknown column '{name}'" if name else said.partition(" Line:")[0]
    return SqlProblem(kind="unknown_column", message=message, start=start, end=end, suggestion=near, certain=sure)
