# mypy: disable-error-code="import-untyped"
"""The rules of single columns, checked by pandera, all of them in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pandera.pandas as pa

from ..core import duck
from ..core.config import Column, Dataset
from .findings import Finding

NOT_NULL, UNIQUE = "not_nullable", "field_uniqueness"
SHOWN = 3


def column_rules(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset) -> list[Finding]:
    """One finding per rule of a column; every rule that is declared is there, held or not."""
    ruled = {name: column for name, column in dataset.columns.items() if _declared(column)}
    if not ruled:
        return []
    selected = ", ".join(duck.name(name) for name in ruled)
    frame = database.execute(f"SELECT {selected} FROM {duck.name(label)}").df()
    schema = pa.DataFrameSchema({name: _schema(column) for name, column in ruled.items()})
    failures: dict[tuple[str, str], list[tuple[int, object]]] = defaultdict(list)
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.itertuples():
            position = 0 if pd.isna(case.index) else int(case.index) + 1
            failures[str(case.column), str(case.check)].append((position, case.failure_case))
    return [
        _finding(label, name, rule, text, failures.get((name, rule), []), pii=column.pii)
        for name, column in ruled.items()
        for rule, text in _declared(column).items()
    ]


def _declared(column: Column) -> dict[str, str]:
    """The rules of a column: pandera's name for each, and how a person says it."""
    rules = {} if column.nullable else {NOT_NULL: "is never null"}
    if column.unique:
        rules[UNIQUE] = "is unique"
    return rules | {name: name for name in _checks(column)}


def _schema(column: Column) -> pa.Column:
    checks = [pa.Check(check, name=name, ignore_na=True) for name, check in _checks(column).items()]
    return pa.Column(checks=checks, nullable=column.nullable, unique=column.unique, report_duplicates="all")


def _checks(column: Column) -> dict[str, Callable[[Any], Any]]:
    checks: dict[str, Callable[[Any], Any]] = {}
    if column.min is not None:
        checks[f"is at least {column.min:g}"] = lambda values: values >= column.min
    if column.max is not None:
        checks[f"is at most {column.max:g}"] = lambda values: values <= column.max
    if column.allowed is not None:
        checks[f"is one of {', '.join(map(str, column.allowed))}"] = lambda values: values.isin(column.allowed)
    if column.pattern is not None:
        checks[f"matches {column.pattern}"] = lambda values: values.astype(str).str.fullmatch(column.pattern)
    if column.max_distinct is not None:
        checks[f"has at most {column.max_distinct} values"] = lambda values: values.nunique() <= column.max_distinct
    return checks


def _finding(  # noqa: PLR0913 - the parts of one finding
    label: str, column: str, rule: str, text: str, failures: list[tuple[int, object]], *, pii: bool
) -> Finding:
    rows = tuple(sorted({position for position, _ in failures if position}))
    shown = ", ".join(repr(value) for value in list(dict.fromkeys(str(value) for _, value in failures))[:SHOWN])
    hidden = pii or rule == NOT_NULL or not rows
    return Finding(
        dataset=label,
        name=text,
        column=column,
        severity="error",
        passed=not failures,
        bad_rows=len(rows),
        rows=rows,
        detail="" if not failures or hidden else f"for example {shown}",
    )
