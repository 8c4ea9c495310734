"""Rows that a request may hold, and what the two forms of a feature make of them.

The expected value is always DuckDB's, from the SQL that builds the table of features.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

import duckdb
from hypothesis import strategies as st

from ..runtime.core import duck, paths
from ..runtime.core.config import Column, Feature, ModelConfig, load_model, load_plan
from ..runtime.features.modules import feature_sql, load_modules, project_features
from ..runtime.features.online import OnlineFeatures

Row = dict[str, Any]
DIGITS = 1e-12  # relative: the last bits of a logarithm differ between two C libraries


WORDS = ("", " ", " a ", "A", "a_b", "stra\u00dfe", "\u0130", "\u0391\u03a3", "e\u0301", "\U0001f1e9\U0001f1ea", "1e3")
DAYS = {"date": r"\d{4}-\d\d-\d\d", "timestamp": r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One feature, in the SQL of the batch and as a request gets it."""

    feature: Feature
    columns: Mapping[str, Column]
    table: str
    sql: str
    online: OnlineFeatures

    def __str__(self) -> str:
        """The name in a report."""
        return f"{self.feature.module}.{self.feature.name}"


def cases() -> list[Case]:
    """Every feature that is computed from a request, once; of one model only where MODEL names it."""
    wanted = os.environ.get("MODEL")
    names = [name for name in load_plan(paths.GENERATED / "plan.json").models if wanted in (None, "", name)]
    found: dict[tuple[str, str], Case] = {}
    for name in names:
        for case in _of_model(load_model(paths.GENERATED / "models" / name / "config.json")):
            found.setdefault((case.feature.module, case.feature.name), case)
    return list(found.values())


def _of_model(config: ModelConfig) -> Iterator[Case]:
    folder, columns = project_features(), config.datasets[config.dataset].columns
    modules = load_modules(config, folder)
    for feature in config.features:
        if feature.kind == "sql" and set(feature.columns) <= set(columns):  # others read what a request does not carry
            yield Case(
                feature=feature,
                columns={name: columns[name] for name in feature.columns},
                table=config.dataset,
                sql=feature_sql(feature, modules[feature.module]),
                online=OnlineFeatures(replace(config, features=[feature]), paths.GENERATED),
            )


def rows(case: Case) -> st.SearchStrategy[list[Row]]:
    """Up to ten rows of the columns that the feature reads: nulls, any values, and those that its SQL names."""
    values = {name: st.none() | _values(column, case.sql) for name, column in case.columns.items()}
    return st.lists(st.fixed_dictionaries(values), min_size=1, max_size=10)


def _values(column: Column, sql: str) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "float": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5000, 5000).map(float),
        "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-5000, 5000),
        "string": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        "boolean": st.booleans(),
        "timestamp": st.datetimes(datetime(1600, 1, 1), datetime(2400, 1, 1)),  # noqa: DTZ001
        "date": st.dates(date(1600, 1, 1), date(2400, 1, 1)),
    }
    likely = [*(column.allowed or ()), *_named(column.type, sql)]
    return kinds[column.type] | st.sampled_from(likely) if likely else kinds[column.type]


def _named(kind: str, sql: str) -> list[Any]:
    """The constants of the SQL that are of this type, where comparisons turn; and texts that are hard to handle."""
    texts = [text[1:-1].replace("''", "'") for text in re.findall(r"'(?:[^']|'')*'", sql)]
    if kind == "string":
        return [*texts, *WORDS]
    if kind in ("float", "integer"):
        numbers = re.findall(r"(?<![\w.'])\d+(?:\.\d+)?", sql)
        return [float(number) for number in numbers] if kind == "float" else [int(float(n)) for n in numbers]
    read = {"timestamp": datetime.fromisoformat, "date": date.fromisoformat}
    return [read[kind](text) for text in texts if kind in read and re.fullmatch(DAYS[kind], text)]


def differences(case: Case, found: Sequence[Row]) -> list[str]:
    """A line for every row on which both are not the same; a row that DuckDB refuses has no value to compare."""
    said = []
    for row, (refused, expected) in zip(found, _batch(case, found), strict=True):
        if refused:
            continue
        body = json.loads(json.dumps(row, default=_text))
        ours = case.online.compute(case.online.parse(body))[case.feature.name]
        if not _same(expected, ours):
            said.append(f"{case.sql}: {expected!r} in the table, {ours!r} in a request of {row}")
    return said


def _batch(case: Case, found: Sequence[Row]) -> list[tuple[bool, Any]]:
    """Whether DuckDB refuses the row, and the value that it gives."""
    types = ["BIGINT", *(duck.TYPES[column.type] for column in case.columns.values())]
    marks = f"({', '.join(f'CAST(? AS {one})' for one in types)})"
    names = ", ".join(duck.name(name) for name in ("__row", *case.columns))
    table = f"(VALUES {', '.join(marks for _ in found)}) AS {duck.name(case.table)}({names})"
    query = f"SELECT TRY(({case.sql}) IS NULL) IS NULL, TRY({case.sql}) FROM {table} ORDER BY __row"
    values = [[number, *(row[name] for name in case.columns)] for number, row in enumerate(found)]
    answer = _database().execute(query, [value for row in values for value in row])
    return [(refused, value) for refused, value in answer.fetchall()]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    return database


def _text(value: date) -> str:
    return value.isoformat()


def _same(expected: Any, ours: Any) -> bool:
    if isinstance(expected, float) and isinstance(ours, float) and not isinstance(ours, bool):
        if math.isnan(expected) or math.isnan(ours):
            return math.isnan(expected) and math.isnan(ours)
        return math.isclose(expected, ours, rel_tol=DIGITS, abs_tol=1e-300)
    return type(expected) is type(ours) and bool(expected == ours)
