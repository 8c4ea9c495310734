# mypy: disable-error-code="import-untyped"
"""The contract checked by pandera and DuckDB: single values by the one, in chunks, whole tables by the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ..core import duck
from . import bad_rows
from .findings import Measured
from .frames import comparable, frame
from .rules import ROWWISE, Rule
from .tables import Table, measured

CHUNK = 200_000
"""Rows in memory at a time."""

NOT_NULL = "not_nullable"


def check(table: Table, rules: Sequence[Rule], folder: Path | None = None) -> Mapping[int, Measured]:
    """What is found about each of the ``rules``, by number; the bad rows are remembered in the database."""
    del folder  # nothing is kept besides
    single = [rule for rule in rules if rule.kind in ROWWISE]
    _check_values(table, single)
    whole = measured(table, [rule for rule in rules if rule.kind not in ROWWISE])
    return {**whole, **{rule.number: Measured(passed=True) for rule in single}}


def _check_values(table: Table, rules: Sequence[Rule]) -> None:
    """Run the rules of single values over the rows, a chunk at a time."""
    by_column: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_column[str(rule.column)].append(rule)
    if not by_column:
        return
    schema = pa.DataFrameSchema({column: _column(found) for column, found in by_column.items()})
    named = {(rule.column, NOT_NULL if rule.kind == "not_null" else rule.name): rule.number for rule in rules}
    bad: dict[int, list[int]] = defaultdict(list)
    names = ", ".join([bad_rows.ROW, *(duck.name(column) for column in by_column)])
    for batch in duck.batches(table.database, f"SELECT {names} FROM {bad_rows.numbered(table.label)}", CHUNK):
        for key, rows in _failures(schema, frame(batch)).items():
            bad[named[key]] += rows
    for rule in rules:
        bad_rows.add(table.database, rule, bad[rule.number])


def _failures(schema: pa.DataFrameSchema, rows: pd.DataFrame) -> dict[tuple[str | None, str], list[int]]:
    """The numbers of the rows that fail, by column and name of the check."""
    try:
        schema.validate(rows, lazy=True, inplace=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return {
            (str(column), str(check)): [int(row) for row in found["index"]]
            for (column, check), found in cases.groupby(["column", "check"])
        }
    return {}


def _column(rules: Sequence[Rule]) -> pa.Column:
    checks = [pa.Check(_test(rule), name=rule.name, ignore_na=True) for rule in rules if rule.kind != "not_null"]
    return pa.Column(checks=checks, nullable=all(rule.kind != "not_null" for rule in rules))


def _test(rule: Rule) -> Callable[[Any], Any]:
    column = rule.contract
    if column is None:
        raise AssertionError("a rule of a value belongs to a column")
    tests: dict[str, Callable[[Any], Any]] = {
        "min": lambda values: values >= column.min,
        "max": lambda values: values <= column.max,
        "min_length": lambda values: values.str.len() >= column.min_length,
        "max_length": lambda values: values.str.len() <= column.max_length,
        "allowed": lambda values: values.isin(comparable(column.allowed or [], column.type)),
        "pattern": lambda values: values.str.fullmatch(column.pattern),
    }
    return tests[rule.kind]
