"""The rules of whole tables, checked by DuckDB where the rows lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import duckdb

from ..core import duck
from ..core.config import Dataset, TableCheck
from ..core.errors import StepError
from .findings import Finding


class Outcome(NamedTuple):
    """Whether a rule holds, what was found, how many rows break it and where those are known to be."""

    passed: bool
    detail: str
    bad_rows: int = 0
    rows: tuple[int, ...] = ()


def table_rules(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset) -> list[Finding]:
    """One finding per table check of the dataset."""
    kinds: dict[str, Callable[[duckdb.DuckDBPyConnection, str, Dataset, TableCheck], Outcome]] = {
        "row_count": _row_count,
        "freshness": _freshness,
        "null_fraction": _null_fraction,
        "duplicate_keys": _duplicate_keys,
        "sql": _violations,
    }
    findings = []
    for check in dataset.checks:
        outcome = kinds[check.kind](database, label, dataset, check)
        findings.append(
            Finding(
                dataset=label,
                name=check.name or check.kind.replace("_", " "),
                column=check.column,
                severity=check.severity,
                passed=outcome.passed,
                detail=outcome.detail,
                bad_rows=outcome.bad_rows,
                rows=outcome.rows,
            )
        )
    return findings


def _row_count(database: duckdb.DuckDBPyConnection, label: str, _: Dataset, check: TableCheck) -> Outcome:
    rows = duck.count(database, duck.name(label))
    low, high = check.min or 0, check.max if check.max is not None else rows
    bounds = f"at least {low:,.0f}" + (f" and at most {high:,.0f}" if check.max is not None else "")
    return Outcome(low <= rows <= high, f"{rows:,} rows, expected {bounds}")


def _freshness(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, check: TableCheck) -> Outcome:
    """The newest row against the clock of this machine: stale data is stale whenever it is looked at."""
    if dataset.time is None:
        raise StepError(f"dataset '{label}' has no time to be fresh by", "name its 'time', or remove the check")
    newest = duck.value(database, f"SELECT max(CAST({duck.name(dataset.time)} AS TIMESTAMP)) FROM {duck.name(label)}")
    if not isinstance(newest, datetime):
        return Outcome(False, "no row has a time")
    age = datetime.now(UTC).replace(tzinfo=None) - newest
    allowed = timedelta(seconds=check.max_age_seconds or 0)
    return Outcome(age <= allowed, f"newest row is of {newest:%Y-%m-%d %H:%M}, allowed age {allowed}")


def _null_fraction(database: duckdb.DuckDBPyConnection, label: str, _: Dataset, check: TableCheck) -> Outcome:
    column = duck.name(str(check.column))
    query = f"SELECT coalesce(avg(CASE WHEN {column} IS NULL THEN 1.0 ELSE 0.0 END), 0.0) FROM {duck.name(label)}"
    share = float(str(duck.value(database, query)))
    allowed = check.max if check.max is not None else 0.0
    return Outcome(share <= allowed, f"{share:.2%} null, allowed {allowed:.2%}")


def _duplicate_keys(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset, _: TableCheck) -> Outcome:
    key = ", ".join(duck.name(column) for column in dataset.key)
    numbered = f"SELECT {key}, row_number() OVER () AS __row FROM {duck.name(label)}"
    query = f"SELECT __row, count(*) OVER (PARTITION BY {key}) AS n FROM ({numbered}) QUALIFY n > 1 ORDER BY __row"
    rows = tuple(int(row[0]) for row in database.execute(query).fetchall())
    return Outcome(not rows, f"{len(rows):,} rows share a key" if rows else "", len(rows), rows)


def _violations(database: duckdb.DuckDBPyConnection, label: str, _: Dataset, check: TableCheck) -> Outcome:
    try:
        found = duck.count(database, f"({check.violations})")
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StepError(f"dataset '{label}': check '{check.name}' cannot run: {reason}", "correct its SQL") from error
    return Outcome(found == 0, f"{found:,} rows violate it" if found else "", found)
