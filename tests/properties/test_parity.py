"""Features in batch, by DuckDB, and online, by compiled Python, are the same: many expressions on hostile rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlopsc.sql.python import module
from parity.compared import Outcome, compare, feature_set
from parity.expressions import PYTHON
from parity.table import flights, hostile

QUICK, FULL = 4_000, 100_000
FLIGHTS = 20_000  # of the full number


def shown(outcome: Outcome) -> list[str]:
    """A line per expression that differs, with its first row."""
    first = {sql: f"{sql}: DuckDB {value!r}, Python {ours!r}, {row}" for sql, value, ours, row in outcome.differences}
    return list(first.values())


def test_expressions_are_many_and_have_a_python_form() -> None:
    """At least 200 different ones, none of which is left to DuckDB."""
    assert len(set(PYTHON)) == len(PYTHON)
    assert len(PYTHON) >= 200
    assert [f.feature.name for f in feature_set(PYTHON).features if f.expression and f.expression.tree is None] == []


def test_python_and_duckdb_agree_on_a_sample_of_hostile_rows() -> None:
    """Every expression on a few thousand rows."""
    outcome = compare(PYTHON, [*hostile(QUICK, seed=1), *flights(QUICK // 4)])
    assert shown(outcome) == []
    assert outcome.compared > len(PYTHON) * QUICK


@pytest.mark.slow
@pytest.mark.exhaustive
def test_python_and_duckdb_agree_on_a_hundred_thousand_rows() -> None:
    """Every expression on 80,000 generated rows and 20,000 real flights; DuckDB refuses few of them."""
    rows = [*hostile(FULL - FLIGHTS, seed=2), *flights(FLIGHTS)][:FULL]
    outcome = compare(PYTHON, rows)
    print(f"{len(PYTHON)} expressions, {len(rows):,} rows, {outcome.compared:,} values compared")  # noqa: T201
    print(f"refused by DuckDB: {dict(outcome.refused)}")  # noqa: T201  (what pytest -s shows)
    assert shown(outcome) == []
    assert len(rows) == FULL
    assert outcome.compared == len(PYTHON) * FULL - sum(outcome.refused.values())


def test_module_of_all_expressions_is_formatted_linted_and_typed(tmp_path: Path, tool: Callable[[str], str]) -> None:
    """As ruff and mypy want it, for every helper and every form."""
    (tmp_path / "features.py").write_text(module(feature_set(PYTHON)), encoding="utf-8")
    for command in ([tool("ruff"), "format", "--isolated", "--check"], [tool("ruff"), "check", "--isolated"]):
        done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    cache = ["--cache-dir", str(tmp_path / "cache")]
    mypy = [sys.executable, "-m", "mypy", "--strict", *cache, str(tmp_path / "features.py")]
    done = subprocess.run(mypy, capture_output=True, text=True, check=False)
    assert done.stdout == "Success: no issues found in 1 source file\n"
