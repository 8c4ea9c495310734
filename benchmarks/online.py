"""What the features of one request cost in-process, beside a query of one row in DuckDB, on real flights.

The features are those of ``examples/flight-delays`` as the compiler writes them: eight that a request carries, or that
are computed from it, and one window, whose value is looked up in the online store and counted in a row of its own.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from .measure import Row, table
from .peers import ROOT

EXAMPLE = ROOT / "examples" / "flight-delays"
MODEL = "late-arrival"
REQUESTS = 1000
ROUNDS = 15
LIMIT = 20.0  # microseconds
SHARE = 1 / 50  # of a query
MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of one request, by the wall's clock and by the processor's."""

    wall: float
    cpu: float


def rows(scratch: Path) -> list[Row]:
    """A row per claim, measured in ``scratch``."""
    folder = _compiled(scratch)
    sys.path.insert(0, str(folder))
    try:
        return _measured(folder)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "mlops"]:
            del sys.modules[name]


def _measured(folder: Path) -> list[Row]:
    config = import_module("mlops.runtime.core.config").load_model(folder / "mlops" / "models" / MODEL / "config.json")
    online = import_module("mlops.runtime.features.online").OnlineFeatures
    stateless = [feature for feature in config.features if feature.kind != "window"]
    package = _package(config, folder)
    without = online(type(config)(**{**_fields(config), "features": stateless}), package)
    whole = online(config, package)
    bodies, parsed = _requests(folder, without)
    ask, close = _query(config, folder, stateless)
    computed, read, looked, asked = _in_turn(
        (without.compute, parsed),
        (lambda body: without.compute(without.parse(body)), bodies),
        (whole.compute, parsed),
        (ask, parsed[:100]),
    )
    close()
    whole.close()
    return [
        _row(f"{len(stateless)} online features, one request", computed, LIMIT, "the limit", 1),
        _row("the same, with JSON values parsed", read, LIMIT, "the limit", 1),
        _row("the same, and a window from the store", looked, asked, "DuckDB, without the window", 1),
        _row(
            f"{len(stateless)} online features, to a query", computed, asked, "DuckDB, one row, connection open", SHARE
        ),
    ]


def _row(claim: str, ours: Cost, peer: Cost | float, name: str, target: float) -> Row:
    other = peer if isinstance(peer, Cost) else None
    return Row(
        claim=claim,
        unit="us",
        ours=ours.wall,
        peer=other.wall if other else float(peer),  # type: ignore[arg-type]  # it is a number then
        peer_name=name,
        target=target,
        ours_cpu=ours.cpu if other else None,
        peer_cpu=other.cpu if other else None,
    )


def _compiled(scratch: Path) -> Path:
    """The example with its data, compiled, and read by its own first step."""
    folder = scratch / "flight-delays"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".mlops", "mlops"))
    commands = ([sys.executable, "data.py"], [sys.executable, "-m", "mlopsc", "compile"])
    for command in (*commands, [sys.executable, "-m", "mlops", MODEL, "ingest"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return folder


def _fields(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__slots__}


def _package(config: Any, folder: Path) -> Path:
    """A package: the features, and the online store with the latest value of every carrier."""
    packaged = import_module("mlops.runtime.features.store_packaged")
    modules = import_module("mlops.runtime.features.modules").load_modules(config, folder / "mlops" / "features")
    package = folder / "package"
    shutil.copytree(folder / "mlops" / "features", package / "features")
    with duckdb.connect() as database:
        ingested = folder / ".mlops" / "work" / MODEL / "ingest" / f"{config.dataset}.parquet"
        database.execute(f"CREATE VIEW \"{config.dataset}\" AS SELECT * FROM read_parquet('{ingested}')")  # noqa: S608
        packaged.write_packaged(database, config, modules, package / "online.sqlite")
    return package


def _requests(folder: Path, features: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Flights as a client sends them, and with the types that the features expect."""
    query = f"SELECT * FROM '{folder}/data/later.parquet' USING SAMPLE reservoir({REQUESTS} ROWS) REPEATABLE (7)"  # noqa: S608
    with duckdb.connect() as database:
        result = database.execute(query)
        names = [column[0] for column in result.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    bodies = [json.loads(json.dumps(row, default=lambda value: value.isoformat())) for row in found]
    return bodies, [features.parse(body) for body in bodies]


def _query(config: Any, folder: Path, features: Sequence[Any]) -> tuple[Callable[[Any], Any], Callable[[], None]]:
    """The same features of one row from DuckDB: one statement, one open connection, values bound."""
    modules = import_module("mlops.runtime.features.modules").load_modules(config, folder / "mlops" / "features")
    types = import_module("mlops.runtime.core.duck").TYPES
    columns = config.datasets[config.dataset].columns
    read = [name for name in columns if any(name in feature.columns for feature in features)]
    bound = ", ".join(f'CAST(? AS {types[columns[name].type]}) AS "{name}"' for name in read)
    asked = ", ".join(modules[feature.module].sql[feature.name] for feature in features)
    database = duckdb.connect()
    query = f"SELECT {asked} FROM (SELECT {bound})"  # noqa: S608  (ours)
    return lambda row: database.execute(query, [row.get(name) for name in read]).fetchone(), database.close


def _in_turn(*sides: tuple[Callable[[Any], Any], Sequence[Any]]) -> list[Cost]:
    """The medians of each side over rounds in which all of them run; the first round is not counted."""
    costs: list[list[Cost]] = [[] for _ in sides]
    for _ in range(ROUNDS + 1):
        for (call, values), found in zip(sides, costs, strict=True):
            found.append(_once(call, values))
    return [
        Cost(statistics.median(c.wall for c in found[1:]), statistics.median(c.cpu for c in found[1:]))
        for found in costs
    ]


def _once(call: Callable[[Any], Any], values: Sequence[Any]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    for value in values:
        call(value)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall / len(values) * MICRO, cpu / len(values) * MICRO)


def main() -> None:
    """Measure and print the table; exits 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        found = rows(Path(name).resolve())
    print(table(found))
    sys.exit(any(row.verdict != "pass" for row in found))


if __name__ == "__main__":
    main()
