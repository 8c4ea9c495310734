"""The rules that look at many rows at once, checked by DuckDB where the rows lie."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb

from ..core import duck
from ..core.config import Column, Dataset, TableCheck
from ..core.errors import StepError
from . import accepted, bad_rows
from .findings import Measured, Value
from .rules import Rule

ROUNDING = 1e-9
"""What a share of rows may miss its bound by: 0.05 of 100 rows are 5 of them, whatever binary fractions say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between what the number of a rule has to be; None where it is open."""

    low: Value = None
    high: Value = None

    def hold(self, value: Value) -> bool:
        """Whether ``value`` lies within; what could not be measured does not."""
        if value is None:
            return False
        return not (self.low is not None and value < self.low) and not (  # type: ignore[operator]
            self.high is not None and value > self.high  # type: ignore[operator]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one dataset in the database, and what they are measured against."""

    database: duckdb.DuckDBPyConnection
    label: str
    dataset: Dataset
    rows: int
    now: datetime  # UTC, without a zone
    last: accepted.Profile | None = None
    distinct: set[str] = field(default_factory=set)  # columns in which no value was found to stand twice

    def duplicates(self, columns: Sequence[str]) -> str | None:
        """SQL for the numbers of the rows that share their values in ``columns``, if any; a null is like no other."""
        if not self.distinct.isdisjoint(columns):
            return None
        names = ", ".join(duck.name(column) for column in columns)
        given = " AND ".join(f"{duck.name(column)} IS NOT NULL" for column in columns)
        shared = f"SELECT {names} FROM {duck.name(self.label)} WHERE {given} GROUP BY {names} HAVING count(*) > 1"
        if duck.value(self.database, f"SELECT true FROM ({shared}) LIMIT 1") is None:
            self.distinct.update(columns if len(columns) == 1 else ())
            return None
        return f"SELECT {bad_rows.ROW} FROM {bad_rows.numbered(self.label)} SEMI JOIN ({shared}) USING ({names})"

    def orphan(self, rule: Rule) -> str:
        """SQL for whether the value of ``rule`` is missing from the column that it refers to."""
        column, target = duck.name(str(rule.column)), _contract(rule).references
        if target is None:
            raise AssertionError("only a rule about a reference asks")
        found = f"SELECT {duck.name(target.column)} FROM {duck.name(target.dataset)}"
        return f"({column} IS NOT NULL AND {column} NOT IN ({found} WHERE {duck.name(target.column)} IS NOT NULL))"


def today() -> datetime:
    """The clock of this machine in UTC, by which freshness is told."""
    return datetime.now(UTC).replace(tzinfo=None)


def measure(table: Table, rule: Rule) -> Measured:
    """What DuckDB finds about a rule of any kind but those of single values; bad rows are remembered."""
    if rule.kind in LOCATING:
        query = _locate(table, rule)
        if query is not None:
            bad_rows.add_query(table.database, rule, query)
        return Measured(passed=True)  # the rows that were found decide
    value = MEASURES[rule.kind](table, rule)
    if rule.kind == "sql" and value:
        _locate_violations(table, rule, int(str(value)))
    bounds = bounds_of(table, rule)
    return Measured(passed=bounds is None or bounds.hold(value), value=value)


def bounds_of(table: Table, rule: Rule) -> Bounds | None:
    """Between what the number of ``rule`` has to be; None when there is nothing yet to compare it with."""
    column, check = rule.contract, rule.check
    if column is not None:
        return Bounds(low=column.min_distinct) if rule.kind == "min_distinct" else Bounds(high=column.max_distinct)
    if check is None or rule.kind == "sql":
        return Bounds(high=0)
    if rule.kind == "row_count":
        return _expected_rows(check, table.last)
    if rule.kind == "freshness":
        return Bounds(low=table.now - timedelta(seconds=check.max_age_seconds or 0))
    if rule.kind == "null_fraction":
        return Bounds(high=math.floor((check.max or 0.0) * table.rows + ROUNDING))
    known = table.last is not None and str(check.column) in table.last.columns
    return Bounds(high=check.max if check.max is not None else accepted.SHIFTED) if known else None


def detail(table: Table, rule: Rule, value: Value) -> str:
    """What was found and what was expected, in words; nothing for a kind whose bad rows say it all."""
    words = {
        "min_distinct": _distinct_in_words,
        "max_distinct": _distinct_in_words,
        "row_count": _rows_in_words,
        "freshness": _freshness_in_words,
        "null_fraction": _nulls_in_words,
        "distribution": _shift_in_words,
    }
    return words[rule.kind](table, rule.check or TableCheck(kind=rule.kind), value) if rule.kind in words else ""


def _distinct_in_words(_: Table, __: TableCheck, value: Value) -> str:
    return f"it has {value:,}"


def _rows_in_words(table: Table, check: TableCheck, _: Value) -> str:
    return f"{table.rows:,} rows, expected {_range_in_words(check, table.last)}"


def _freshness_in_words(_: Table, check: TableCheck, value: Value) -> str:
    if not isinstance(value, datetime):
        return "no row has a time"
    allowed = str(timedelta(seconds=check.max_age_seconds or 0)).removesuffix(", 0:00:00")
    return f"newest row is of {value:%Y-%m-%d %H:%M}, allowed age {allowed}"


def _nulls_in_words(table: Table, check: TableCheck, value: Value) -> str:
    return f"{float(str(value)) / max(table.rows, 1):.2%} null, allowed {check.max or 0.0:.2%}"


def _shift_in_words(_: Table, check: TableCheck, value: Value) -> str:
    allowed = check.max if check.max is not None else accepted.SHIFTED
    return "no accepted run yet to compare with" if value is None else f"PSI {value:.3f}, allowed {allowed:g}"


def _contract(rule: Rule) -> Column:
    if rule.contract is None:
        raise AssertionError(f"{rule.kind} is a rule of a column")
    return rule.contract


def _locate(table: Table, rule: Rule) -> str | None:
    if rule.kind == "unique":
        return table.duplicates([str(rule.column)])
    if rule.kind == "duplicate_keys":
        return table.duplicates(table.dataset.key)
    return f"SELECT {bad_rows.ROW} FROM {bad_rows.numbered(table.label)} WHERE {table.orphan(rule)}"


def _row_count(table: Table, _: Rule) -> Value:
    return table.rows


def _distinct(table: Table, rule: Rule) -> Value:
    column = duck.name(str(rule.column))
    # Grouped, and not count(DISTINCT …): only the former goes to disk when memory is short.
    return duck.count(
        table.database, f"(SELECT 1 FROM {duck.name(table.label)} WHERE {column} IS NOT NULL GROUP BY {column})"
    )


def _newest(table: Table, _: Rule) -> Value:
    """The newest row, to be held against the clock: stale data is stale whenever it is looked at."""
    time = table.dataset.time
    if time is None:
        raise StepError(f"dataset '{table.label}' has no time to be fresh by", "name its 'time', or remove the check")
    query = f"SELECT max(CAST({duck.name(time)} AS TIMESTAMP)) FROM {duck.name(table.label)}"
    newest = duck.value(table.database, query)
    return newest if isinstance(newest, datetime) else None


def _nulls(table: Table, rule: Rule) -> Value:
    return duck.count(table.database, f"{duck.name(table.label)} WHERE {duck.name(str(rule.column))} IS NULL")


def _shift(table: Table, rule: Rule) -> Value:
    column = str(rule.column)
    if table.last is None or column not in table.last.columns:
        return None
    return accepted.shift(table.database, table.label, column, table.last.columns[column])


def _violations(table: Table, rule: Rule) -> Value:
    query = rule.check.violations if rule.check else None
    try:
        return duck.count(table.database, f"({query})")
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        what = f"dataset '{table.label}': check '{rule.name}' cannot run: {reason}"
        raise StepError(what, "correct its SQL") from error


def _locate_violations(table: Table, rule: Rule, found: int) -> None:
    """Find the rows behind the violations: those of a query that selects whole rows, or the key.

    The query runs once more, on rows that carry their numbers; what it gives counts only if it is as much as before.
    """
    query = str(rule.check.violations if rule.check else "")
    database, schema = table.database, '"__numbered"'
    database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    database.execute(
        f"CREATE OR REPLACE VIEW {schema}.{duck.name(table.label)} AS "
        f"SELECT * FROM main.{bad_rows.numbered(table.label)}"
    )
    database.execute(f"SET search_path = {duck.literal('__numbered,main')}")
    try:
        known = duck.columns(database, f"({query})")
        if "__row" in known and duck.count(database, f"(SELECT DISTINCT {bad_rows.ROW} FROM ({query}))") == found:
            bad_rows.add_query(database, rule, f"SELECT {bad_rows.ROW} FROM ({query})")
            return
        key = table.dataset.key
        if key and all(column in known for column in key):
            names = ", ".join(duck.name(column) for column in key)
            rows = (
                f"SELECT {bad_rows.ROW} FROM main.{bad_rows.numbered(table.label)} SEMI JOIN ({query}) USING ({names})"
            )
            bad_rows.add_query(database, rule, rows)
    except duckdb.Error:  # a query that cannot stand the additional column has rows without numbers
        return
    finally:
        database.execute("RESET search_path")


def _expected_rows(check: TableCheck, last: accepted.Profile | None) -> Bounds:
    low, high = int(check.min or 0), None if check.max is None else int(check.max)
    if check.max_change is not None and last is not None:
        low = max(low, math.ceil(last.rows * (1 - check.max_change) - ROUNDING))
        most = math.floor(last.rows * (1 + check.max_change) + ROUNDING)
        high = most if high is None else min(high, most)
    return Bounds(low=low, high=high)


def _range_in_words(check: TableCheck, last: accepted.Profile | None) -> str:
    parts = []
    if check.min is not None or check.max_change is None:
        parts.append(f"at least {check.min or 0:,.0f}")
    if check.max is not None:
        parts.append(f"at most {check.max:,.0f}")
    if check.max_change is not None:
        before = f"the {last.rows:,} of the last accepted run" if last else "a run that is yet to be accepted"
        parts.append(f"within {check.max_change:.0%} of {before}")
    return " and ".join(parts)


LOCATING = ("unique", "references", "duplicate_keys")
MEASURES = {
    "row_count": _row_count,
    "min_distinct": _distinct,
    "max_distinct": _distinct,
    "freshness": _newest,
    "null_fraction": _nulls,
    "distribution": _shift,
    "sql": _violations,
}
"""The number that each kind looks at."""


def measured(table: Table, rules: Sequence[Rule]) -> Mapping[int, Measured]:
    """What DuckDB finds about each of the ``rules``, by number."""
    return {rule.number: measure(table, rule) for rule in rules}
