# mypy: disable-error-code="import-untyped, import-not-found"
"""The contract as suites of Great Expectations: run as checkpoints, kept with their results and Data Docs.

A suite holds one expectation for each rule, which decides the verdict. What no expectation can look at is measured
before and stands in the suite as the expectation of that measure, with a note in its ``meta``: a reference to another
dataset, or a bound beyond 2^53, becomes a column of true and false, SQL and the distance from the last accepted run
become a table of one row. Personal columns have a checkpoint of their own, whose results leave values out.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..core import duck
from ..core.config import Column
from ..core.errors import StepError
from . import bad_rows
from .findings import Measured, Value
from .frames import ROW, comparable, frame
from .rules import LOCATED, ROWWISE, Rule
from .tables import Bounds, Table, bounds_of, measure

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read when it is imported

import great_expectations as gx
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

logging.getLogger("great_expectations").setLevel(logging.ERROR)

MEASURED = ("sql", "distribution")
MOMENTS = ("date", "timestamp")
EXACT = 2**53
"""The largest whole number up to which fractions have all of them."""

MOMENT = "%Y-%m-%dT%H:%M:%S.%f"
FLAGS = re.compile(r"\(\?[aiLmsux]+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A suite over one frame; whether its results may show values decides what belongs together."""

    name: str
    rules: list[Rule]
    rows: pd.DataFrame
    shows: bool = True


def check(table: Table, rules: Sequence[Rule], folder: Path | None = None) -> Mapping[int, Measured]:
    """What is found about each of the ``rules``, by number; the project of Great Expectations is kept in ``folder``."""
    context = _context(folder, first=not rules or rules[0].number == 0)
    before = {rule.number: measure(table, rule) for rule in rules if rule.kind in MEASURED}
    bounds = {rule.number: bounds_of(table, rule) for rule in rules if rule.kind not in (*ROWWISE, *LOCATED)}
    found: dict[int, Measured] = {}
    for part in _parts(table, rules, before):
        found |= _run(context, table, part, bounds)
    if folder is not None:
        for place in context.build_data_docs().values():
            print(f"Data Docs of {table.label}: {place}")
    return {**{number: Measured(passed=True) for number in (rule.number for rule in rules)}, **before, **found}


def _context(folder: Path | None, *, first: bool) -> Any:
    if folder is None:
        context = gx.get_context(mode="ephemeral")
    else:
        if first:  # of several datasets, which share the project
            shutil.rmtree(folder, ignore_errors=True)
        context = gx.get_context(mode="file", project_root_dir=str(folder))
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def _parts(table: Table, rules: Sequence[Rule], before: Mapping[int, Measured]) -> list[Part]:
    """The rules with the rows that they look at: those of public columns, of personal ones, and what was measured."""
    personal = [rule for rule in rules if _touches_personal(table, rule)]
    measured = [rule for rule in rules if rule.kind in MEASURED and before[rule.number].value is not None]
    public = [rule for rule in rules if rule.kind not in MEASURED and rule not in personal]
    parts = [
        Part(name=table.label, rules=public, rows=_rows(table, public)),
        Part(name=f"{table.label} personal columns", rules=personal, rows=_rows(table, personal), shows=False),
        Part(
            name=f"{table.label} measures",
            rules=measured,
            rows=pd.DataFrame({_named(rule): [before[rule.number].value] for rule in measured}),
        ),
    ]
    return [part for part in parts if part.rules]


def _touches_personal(table: Table, rule: Rule) -> bool:
    names = table.dataset.key if rule.kind == "duplicate_keys" else [rule.column, rule.check and table.dataset.time]
    columns = (table.dataset.columns.get(str(name)) for name in names)
    return rule.kind not in MEASURED and any(column is not None and column.pii for column in columns)


def _rows(table: Table, rules: Sequence[Rule]) -> pd.DataFrame:
    names: dict[str, None] = {}
    for rule in rules:
        used = table.dataset.key if rule.kind == "duplicate_keys" else [str(rule.column)] if rule.column else []
        names |= dict.fromkeys([*used, str(table.dataset.time)] if rule.kind == "freshness" else used)
    selected = [bad_rows.ROW, *(duck.name(name) for name in names)]
    added = {_named(rule): _added(table, rule) for rule in rules}
    selected += [f"{sql} AS {duck.name(name)}" for name, sql in added.items() if sql is not None]
    query = f"SELECT {', '.join(selected)} FROM {bad_rows.numbered(table.label)}"
    return frame(duck.arrow(table.database, query))


def _added(table: Table, rule: Rule) -> str | None:
    """SQL for the column that stands in for the rule's own, where no expectation can look at that."""
    column = duck.name(str(rule.column))
    if rule.kind == "references":
        return f"NOT {table.orphan(rule)}"
    if rule.contract is not None and rule.kind == "allowed" and rule.contract.type in MOMENTS:
        return f"strftime({column}, {duck.literal(MOMENT)})"
    if _stands_in(rule) and rule.contract is not None:
        bound = f">= {rule.contract.min}" if rule.kind == "min" else f"<= {rule.contract.max}"
        return f"({column} IS NULL OR {column} {bound})"
    return None


def _stands_in(rule: Rule) -> bool:
    """Whether a column of true and false is checked in place of the rule's own."""
    bound = getattr(rule.contract, rule.kind) if rule.kind in {"min", "max"} else None
    return rule.kind == "references" or _is_beyond(bound)


def _run(context: Any, table: Table, part: Part, bounds: Mapping[int, Bounds | None]) -> dict[int, Measured]:
    """One suite as a checkpoint over its rows."""
    suite = context.suites.add(gx.ExpectationSuite(name=part.name))
    for rule in part.rules:
        suite.add_expectation(_expectation(table, rule, bounds.get(rule.number)))
    source = f"rows of {part.name}"
    asset = context.data_sources.add_pandas(source).add_dataframe_asset(part.name)
    batch = asset.add_batch_definition_whole_dataframe("all rows")
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=part.name, data=batch, suite=suite))
    shown = {"result_format": "COMPLETE", "exclude_unexpected_values": not part.shows}
    checkpoint = gx.Checkpoint(name=part.name, validation_definitions=[definition], result_format=shown)
    (result,) = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": part.rows}).run_results.values()
    rules = {rule.number: rule for rule in part.rules}
    found = {}
    for one in result.results:
        rule = rules[one.expectation_config.meta["rule"]]
        found[rule.number] = _measured(table, rule, one, len(part.rows))
    return found


def _measured(table: Table, rule: Rule, result: Any, rows: int) -> Measured:
    value: Value = result.result.get("observed_value")
    if result.exception_info.get("raised_exception"):
        if rule.kind == "freshness":  # nothing to compare where no row has a time
            return Measured(passed=False)
        raise StepError(f"dataset '{table.label}': {rule.place}: {result.exception_info['exception_message']}")
    if rule.kind in LOCATED and rule.kind != "sql":
        bad_rows.add(table.database, rule, _positions(result.result))
    if rule.kind == "null_fraction":
        value = rows - round(float(str(value)) * rows)
    elif rule.kind == "freshness":
        value = pd.Timestamp(value).to_pydatetime() if not pd.isna(value) else None
    elif isinstance(value, float | int) and not isinstance(value, bool):
        value = float(value) if rule.kind == "distribution" else int(value)
    return Measured(passed=bool(result.success), value=value)


def _positions(result: Mapping[str, Any]) -> list[int]:
    """The numbers of the unexpected rows: plain, or as lists below the name of the index."""
    found: list[int] = []
    for item in result.get("unexpected_index_list") or []:
        rows = item[ROW] if isinstance(item, dict) else item
        found += rows if isinstance(rows, list) else [rows]
    return sorted(int(row) for row in found)


def _named(rule: Rule) -> str:
    """The column that is added to the rows for this rule alone."""
    return f"{rule.number}. {rule.place}"


def _expectation(table: Table, rule: Rule, bounds: Bounds | None) -> Any:
    note = "what it looks at was measured by DuckDB" if rule.kind in MEASURED or _stands_in(rule) else None
    meta = {"rule": rule.number, "name": rule.place} | ({"note": note} if note else {})
    kind, arguments = _spelled(table, rule, bounds)
    severity = "critical" if rule.severity == "error" else "warning"
    return kind(**arguments, meta=meta, severity=severity)


def _spelled(table: Table, rule: Rule, bounds: Bounds | None) -> tuple[Any, dict[str, Any]]:
    """The expectation of a rule and its arguments."""
    if rule.contract is not None and rule.kind not in {"min_distinct", "max_distinct"}:
        return _of_value(rule, rule.contract)
    if rule.kind == "duplicate_keys":
        return _unique_together(table.dataset.key)
    low, high = (bounds.low, bounds.high) if bounds else (None, 0)
    between = {"min_value": low, "max_value": high}
    share = {"min_value": (table.rows - int(str(high))) / max(table.rows, 1)} if rule.kind == "null_fraction" else {}
    spelled: dict[str, tuple[Any, dict[str, Any]]] = {
        "row_count": (gxe.ExpectTableRowCountToBeBetween, between),
        "freshness": (gxe.ExpectColumnMaxToBeBetween, {"column": table.dataset.time, "min_value": low}),
        "null_fraction": (gxe.ExpectColumnProportionOfNonNullValuesToBeBetween, {"column": rule.column} | share),
        "min_distinct": (gxe.ExpectColumnUniqueValueCountToBeBetween, {"column": rule.column} | between),
        "max_distinct": (gxe.ExpectColumnUniqueValueCountToBeBetween, {"column": rule.column} | between),
        "distribution": (gxe.ExpectColumnMaxToBeBetween, {"column": _named(rule)} | between),
        "sql": (gxe.ExpectColumnMaxToBeBetween, {"column": _named(rule)} | between),
    }
    return spelled[rule.kind]


def _of_value(rule: Rule, column: Column) -> tuple[Any, dict[str, Any]]:
    named = {"column": rule.column}
    if _stands_in(rule):
        return gxe.ExpectColumnValuesToBeInSet, {"column": _named(rule), "value_set": [True]}
    spelled: dict[str, tuple[Any, dict[str, Any]]] = {
        "not_null": (gxe.ExpectColumnValuesToNotBeNull, {}),
        "unique": (gxe.ExpectColumnValuesToBeUnique, {}),
        "min": (gxe.ExpectColumnValuesToBeBetween, {"min_value": column.min}),
        "max": (gxe.ExpectColumnValuesToBeBetween, {"max_value": column.max}),
        "min_length": (gxe.ExpectColumnValueLengthsToBeBetween, {"min_value": column.min_length}),
        "max_length": (gxe.ExpectColumnValueLengthsToBeBetween, {"max_value": column.max_length}),
        "allowed": (gxe.ExpectColumnValuesToBeInSet, _listed(rule, column)),
        "pattern": (gxe.ExpectColumnValuesToMatchRegex, {"regex": _whole(column.pattern or "")}),
    }
    kind, arguments = spelled[rule.kind]
    return kind, named | arguments


def _listed(rule: Rule, column: Column) -> dict[str, Any]:
    """The values that are allowed; moments as text, since a suite is kept as JSON."""
    values = comparable(column.allowed or [], column.type)
    if column.type not in MOMENTS:
        return {"value_set": values}
    return {"column": _named(rule), "value_set": [value.strftime(MOMENT) for value in values]}


def _is_beyond(bound: float | None) -> bool:
    """Whether an expectation, which has fractions for its bounds, would round it."""
    return isinstance(bound, int) and abs(bound) > EXACT


def _unique_together(key: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    if len(key) == 1:
        return gxe.ExpectColumnValuesToBeUnique, {"column": key[0]}
    columns = {"column_list": list(key), "ignore_row_if": "any_value_is_missing"}
    return gxe.ExpectCompoundColumnsToBeUnique, columns


def _whole(pattern: str) -> str:
    """The pattern as one that is searched for and matches the whole value; flags of all of it come first."""
    flags = FLAGS.match(pattern)
    start = flags.end() if flags else 0
    return rf"{pattern[:start]}\A(?:{pattern[start:]})\Z"
