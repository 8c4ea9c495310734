"""Compiled features give what DuckDB gives."""

from __future__ import annotations

import math
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlopsc.model.data import Dataset
from mlopsc.model.features import Feature
from mlopsc.model.resolved import ResolvedFeature, ResolvedFeatureSet
from mlopsc.model.values import Duration, Invalid, Reference
from mlopsc.sql.analyse import analyse, column
from mlopsc.sql.python import module
from mlopsc.sql.tree import ColumnType

COLUMNS = {
    "a": ColumnType(dtype="float", nullable=True),
    "x": ColumnType(dtype="float"),
    "b": ColumnType(dtype="integer"),
    "s": ColumnType(dtype="string"),
    "t": ColumnType(dtype="timestamp"),
    "d": ColumnType(dtype="date"),
    "k": ColumnType(dtype="boolean"),
    "my col": ColumnType(dtype="float"),
}
DUCKDB = {
    "float": "DOUBLE",
    "integer": "BIGINT",
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOLEAN",
}
EXPRESSIONS = (
    *("extract(hour from t)", "extract(isodow from t) >= 6", "case when x > 1500 then 1 else 0 end"),
    *("a > 3 and x < 5", "a > 3 or x < 5 or k", "not (a > 1 or k)", "a between 1 and 3", "a not between 1 and 3"),
    *("coalesce(a, x / b, 0)", "coalesce(a + x, b)", "nullif(a, 0)", "greatest(a, x, 2.5)", "least(b, 3) + 1"),
    *("round(a / 3, 2)", "round(a)", "round(b)", "floor(a)", "ceil(a)", "abs(b)", "abs(a)", "a / b > 3", "x / a"),
    *("b % 3 = 1", "b // 2", "b * 0.1", "0.1 + 0.2 = x", "a % 2.5", "b - 1.5", "-a + -3"),
    *("(a + x) * 2 - (a - (x - 1))", "b - (b - 2)"),
    *("upper(s) || '-x'", "lower(s)", "length(trim(s)) > 3", "concat(s, 'x', s)", "s like 'a%'", "s not like '%a'"),
    *("s like '%a%'", "s like 'a'", "contains(s, 'b')", "s in ('x', 'y')", "s not in ('x')", "b in (1, 2)", "s < 'm'"),
    *("case when s in ('x', 'y') and a is null then 'p' when s like 'a%' then s end", "a is null", "a is not null"),
    *("case s when 'x' then 1 when 'y' then 2.5 else b end", "case when a > 1 then null else x end", "k is true"),
    *("if(a > coalesce(x, 3), 1.5, 2)", "k = true", "k <> false", "k and a > 0", "k is not false", "not k", "k = 1"),
    *("a is distinct from x", "b is not distinct from 1", "power(a, 2) + sqrt(x)", "ln(1 + a)", "log(x)", "exp(a)"),
    *("quarter(t)", "year(t) * 12 + month(t)", "extract(dow from d)", "week(t)", "dayofyear(d)", "minute(t)", "day(d)"),
    *("epoch(t)", "t > '2013-06-01'", "d > t", "d = date '2013-06-01'", "cast(t as date)", "cast(b as double) / 2"),
    *(
        "second(t)",
        '"my col" * 2',
        "t",
        "k",
        "date_part('hour', t)",
        "weekday(t)",
        "sqrt(x) > ln(a) or k",
        "null and k",
    ),
    *("(a > 1) = (x > 1)", "coalesce(k, a > 0)", "case when not (a > 1 and x > 1) then 'out' else 'in' end"),
    *("x between a and 5", "ln(a) > 0 and ln(a) < 9", "a * x > b or s is null", "coalesce(s, 'none') || '!'"),
)


def features_of(expressions: tuple[str, ...]) -> ResolvedFeatureSet:
    """A feature set of the expressions, named f0, f1, and so on."""
    features = []
    for number, text in enumerate(expressions):
        expression, problems = analyse(text, COLUMNS)
        assert expression is not None, (text, problems)
        features.append(_feature(f"f{number}", "sql", expression))
    aggregate, _ = analyse("avg(a)", COLUMNS, allow_aggregate=True)
    features.append(_feature("usual", "window", aggregate))
    features.append(_feature("a", "column", column("a", COLUMNS["a"])))
    source = Invalid(path=("data", "rows", "source"))
    time = Reference(name="t", path=())
    dataset = Dataset(name="rows", path=("data", "rows"), source=source, key=(), time=time, columns={})
    return ResolvedFeatureSet(name="set", module="set", path=(), dataset=dataset, spec=None, features=tuple(features))


def _feature(name: str, kind: str, expression: Any) -> ResolvedFeature:
    window = {"by": (Reference(name="s", path=()),), "window": Duration(seconds=604800, text="7d")}
    declared = Feature(name=name, path=(), **(window if kind == "window" else {}))  # type: ignore[arg-type]
    return ResolvedFeature(
        feature=declared,
        set_name="set",
        module="set",
        kind=kind,
        dtype=expression.dtype,
        expression=expression,
        columns=expression.columns,
    )


@pytest.fixture(scope="module")
def compiled() -> dict[str, Any]:
    """The compiled module of all expressions, executed."""
    space: dict[str, Any] = {}
    exec(compile(module(features_of(EXPRESSIONS)), "features.py", "exec"), space)  # noqa: S102
    return space


def same(left: Any, right: Any) -> bool:
    """Whether both are one value, up to the last bits of a float."""
    if isinstance(left, float) and isinstance(right, int | float):
        return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-300)
    return bool(left == right) and (left is None) == (right is None)


def differences(space: dict[str, Any], rows: list[dict[str, Any]]) -> list[tuple[str, Any, Any, dict[str, Any]]]:
    """Where the compiled functions and DuckDB disagree: SQL, DuckDB's value, ours, the row."""
    connection = duckdb.connect()
    types = ", ".join(f'"{name}" {DUCKDB[kind.dtype or ""]}' for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE rows ({types})")
    marks = ", ".join("?" for _ in COLUMNS)
    connection.executemany(f"INSERT INTO rows VALUES ({marks})", [[row[name] for name in COLUMNS] for row in rows])
    found = []
    for name, (function, arguments) in space["ONLINE"].items():
        sql = space["SQL"][name]
        expected = [value for (value,) in connection.execute(f"SELECT {sql} FROM rows").fetchall()]
        for value, row in zip(expected, rows, strict=True):
            ours = function(*(row[argument] for argument in arguments))
            if not same(float(value) if isinstance(ours, float) and value is not None else value, ours):
                found.append((sql, value, ours, row))
    return found


def row(**values: Any) -> dict[str, Any]:
    """A row where what is not said is null."""
    return {name: values.get(name) for name in COLUMNS}


def test_long_and_odd_expressions_are_formatted_and_typed(tmp_path: Path, tool: Callable[[str], str]) -> None:
    """The module of all expressions, those too long for a line included, as ruff and mypy want it."""
    (tmp_path / "features.py").write_text(module(features_of(EXPRESSIONS)))
    for command in ([tool("ruff"), "format", "--isolated", "--check"], [tool("ruff"), "check", "--isolated"]):
        done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    cache = ["--cache-dir", str(tmp_path / "cache")]
    mypy = [sys.executable, "-m", "mypy", "--strict", *cache, str(tmp_path / "features.py")]
    done = subprocess.run(mypy, capture_output=True, text=True, check=False)
    assert done.stdout == "Success: no issues found in 1 source file\n"


def test_every_expression_has_a_python_form(compiled: dict[str, Any]) -> None:
    """Nothing of the list is left to DuckDB but the window."""
    assert sorted(compiled["ONLINE"]) == sorted([*(f"f{i}" for i in range(len(EXPRESSIONS))), "a"])
    assert compiled["WINDOWS"] == {
        "usual": {"aggregate": "AVG(a)", "by": ["s"], "window_seconds": 604800, "lag_seconds": 0, "time": "t"}
    }


def test_python_gives_what_duckdb_gives_at_the_edges(compiled: dict[str, Any]) -> None:
    """Nulls, zeros, negatives, halves, both infinities of a division, and letters that change their number."""
    moment = datetime(2013, 6, 1, 23, 59, 58)  # noqa: DTZ001
    rows = [
        row(),
        row(a=0.0, x=0.0, b=0, s="", t=moment, d=date(2013, 6, 1), k=False),
        row(a=-2.5, x=2.5, b=-7, s="straße", t=datetime(2012, 12, 31), d=date(2013, 1, 6), k=True),  # noqa: DTZ001
        row(a=1.0, x=None, b=3, s="ΑΣ İ", t=moment, d=None, k=None),
        row(a=None, x=1e300, b=None, s="x", t=None, d=date(2024, 2, 29), k=True),
        row(a=750.0, x=-3.0, b=1, s=" a ", t=moment, d=date(2013, 6, 1), k=False, **{"my col": 4.5}),
        row(a=2.675, x=1.0, b=2, s="a", t=datetime(2020, 12, 28, 1), d=date(2021, 1, 3), k=True),  # noqa: DTZ001
    ]
    assert differences(compiled, rows) == []


ROWS = st.fixed_dictionaries(
    {
        "a": st.none() | st.floats(-1e6, 1e6),
        "x": st.none() | st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1500.0]),
        "b": st.none() | st.integers(-1000, 1000),
        "s": st.none() | st.text(st.characters(max_codepoint=0x2FF, exclude_characters="\0"), max_size=6),
        "t": st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
        "d": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "k": st.none() | st.booleans(),
        "my col": st.none() | st.floats(-10, 10),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ROWS, min_size=1, max_size=20))
def test_python_gives_what_duckdb_gives_anywhere(compiled: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Rows of any values in the range that a request can hold."""
    assert differences(compiled, rows) == []


def test_trim_takes_away_the_spaces_that_duckdb_takes_away(compiled: dict[str, Any]) -> None:
    """Every character that a language calls white space, at both ends of a word."""
    spaces = [chr(code) for code in range(1, 0x3001) if chr(code).isspace() or unicodedata.category(chr(code)) == "Zs"]
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    assert differences(compiled, [empty | {"s": f"{space}ab{space}"} for space in spaces]) == []


def test_window_keeps_a_text_that_is_the_word_null() -> None:
    """What Python calls None is written where there is no duration, and nowhere else."""
    aggregate, _ = analyse("count(*) filter (where s = 'null')", COLUMNS, allow_aggregate=True)
    features = features_of(("a > 1",))
    text = module(replace(features, features=(_feature("null_words", "window", aggregate),)))
    space: dict[str, Any] = {}
    exec(compile(text, "features.py", "exec"), space)  # noqa: S102
    assert list(space["WINDOWS"]) == ["null_words"]
    assert "'null'" in space["WINDOWS"]["null_words"]["aggregate"]
