"""What DuckDB gives beside what the compiled functions give; the expected value is always DuckDB's."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from mlopsc.model.data import Dataset
from mlopsc.model.features import Feature
from mlopsc.model.resolved import ResolvedFeature, ResolvedFeatureSet
from mlopsc.model.values import Invalid, Reference
from mlopsc.sql.analyse import analyse
from mlopsc.sql.python import module

from .table import COLUMNS, Row

ARROW = {
    "float": pa.float64(),
    "integer": pa.int64(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
CAST = {"float": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP", "date": "DATE"}


@dataclass(slots=True)
class Outcome:
    """How many values were compared, where they differ, and how many rows DuckDB itself refused."""

    compared: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)  # no Python form: DuckDB computes them online, too
    differences: list[tuple[str, Any, Any, Row]] = field(default_factory=list)


def feature_set(expressions: Sequence[str]) -> ResolvedFeatureSet:
    """A feature set of the expressions, named f0, f1, and so on."""
    features = []
    for number, text in enumerate(expressions):
        expression, problems = analyse(text, COLUMNS)
        assert expression is not None, (text, problems)
        feature = Feature(name=f"f{number}", path=())
        kind = "sql"
        features.append(
            ResolvedFeature(
                feature=feature,
                set_name="set",
                module="set",
                kind=kind,
                dtype=expression.dtype,
                expression=expression,
                columns=expression.columns,
            )
        )
    source, time = Invalid(path=("data", "rows", "source")), Reference(name="t", path=())
    dataset = Dataset(name="rows", path=("data", "rows"), source=source, key=(), time=time, columns={})
    return ResolvedFeatureSet(name="set", module="set", path=(), dataset=dataset, spec=None, features=tuple(features))


def executed(features: ResolvedFeatureSet) -> dict[str, Any]:
    """The compiled module, executed."""
    space: dict[str, Any] = {}
    exec(compile(module(features), "features.py", "exec"), space)  # noqa: S102
    return space


def compare(expressions: Sequence[str], rows: Sequence[Row]) -> Outcome:
    """Every expression on every row."""
    features = feature_set(expressions)
    online, outcome = executed(features), Outcome()
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    table = pa.table({name: pa.array(columns[name], ARROW[kind.dtype or ""]) for name, kind in COLUMNS.items()})
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("source", table)
        database.execute("CREATE TABLE rows AS SELECT * FROM source")
        for feature in features.features:
            sql, typed = online["SQL"][feature.name], cast(online["SQL"][feature.name], feature.dtype)
            _meaning(database, expressions[int(feature.name[1:])], typed, feature.dtype)
            expected = _asked(database, typed, outcome)
            if feature.name not in online["ONLINE"]:
                outcome.left.append(expressions[int(feature.name[1:])])
                continue
            function, arguments = online["ONLINE"][feature.name]
            _one(sql, expected, function, [columns[argument] for argument in arguments], rows, outcome)
    return outcome


def cast(sql: str, dtype: str | None) -> str:
    """The SQL in the type of the feature, as the step that builds features writes it."""
    return f"CAST({sql} AS {CAST[dtype]})" if dtype in CAST else sql


def _meaning(database: duckdb.DuckDBPyConnection, written: str, normal: str, dtype: str | None) -> None:
    """The SQL that is compiled means what the spec says: parsing and writing it again changed nothing.

    But for fractions written as constants: DuckDB computes with those exactly, and features do with doubles.
    """
    if re.search(r"\d\.\d", written):
        return
    one, other = f"TRY({cast(written, dtype)})", f"TRY({normal})"
    close = f"abs({one} - {other}) <= 1e-12 * abs({other})" if dtype == "float" else "false"
    query = f"SELECT count(*) FROM rows WHERE {one} IS DISTINCT FROM {other} AND NOT coalesce({close}, false)"
    assert database.execute(query).fetchall() == [(0,)], f"{written} is not {normal}"


def _asked(database: duckdb.DuckDBPyConnection, sql: str, outcome: Outcome) -> list[tuple[bool, Any]]:
    """Whether DuckDB gives a value, and which one; the query of a whole table fails on one row that it refuses."""
    try:
        return [(True, value) for (value,) in database.execute(f"SELECT {sql} FROM rows").fetchall()]
    except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException):
        # TRY gives null where there was an error: told apart from a null of the value by asking for both
        query = f"SELECT TRY({sql}), TRY(({sql}) IS NULL) IS NULL FROM rows"
        found = [(not refused, value) for value, refused in database.execute(query).fetchall()]
        outcome.refused[sql] += sum(not given for given, _ in found)
        return found


def _one(  # noqa: PLR0913, PLR0917
    sql: str,
    expected: list[tuple[bool, Any]],
    function: Any,
    arguments: list[list[Any]],
    rows: Sequence[Row],
    outcome: Outcome,
) -> None:
    values = zip(*arguments, strict=True) if arguments else (() for _ in rows)
    for number, ((given, value), given_to) in enumerate(zip(expected, values, strict=True)):
        if not given:
            continue
        outcome.compared += 1
        try:
            ours = function(*given_to)
        except Exception as error:  # noqa: BLE001  (an error is a difference like any other)
            ours = repr(error)
        if ours is not value and not same(value, ours):
            outcome.differences.append((sql, value, ours, rows[number]))


def same(expected: Any, ours: Any) -> bool:
    """Whether both are one value of one type, up to the last bits of a float."""
    if type(expected) is not type(ours):
        return False
    if isinstance(expected, float):
        if math.isnan(expected) or math.isnan(ours):
            return math.isnan(expected) and math.isnan(ours)
        return expected == ours or math.isclose(expected, ours, rel_tol=1e-12, abs_tol=1e-300)
    return bool(expected == ours)
