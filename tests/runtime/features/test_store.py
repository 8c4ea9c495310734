"""Stores keep what a batch computes, follow their files, and say what is missing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
config_of = import_module(f"{RUNTIME}.core.config")
modules = import_module(f"{RUNTIME}.features.modules")
store = import_module(f"{RUNTIME}.features.store")
sqlite = import_module(f"{RUNTIME}.features.store_sqlite")
redis = import_module(f"{RUNTIME}.features.store_redis")
stored_values = import_module(f"{RUNTIME}.features.store_values")

NOON = datetime(2013, 6, 30, 12)  # noqa: DTZ001 - naive UTC, as everywhere in the data
BATCH = "SELECT * FROM '.mlops/work/late/features/features.parquet' WHERE scheduled_departure = TIMESTAMP '{}'"
ONLINE = (Path(__file__).parents[2] / "fixtures" / "look_up.py").read_text(encoding="utf-8")


def values_of(rows: list[tuple[str, list[Any], Any]], as_of: datetime = NOON) -> Any:
    """What a refresh writes."""
    status = store.Status(as_of=as_of, refreshed_at=as_of + timedelta(minutes=1))
    return store.Values(
        rows=[(name, store.entity_key(entity), value, as_of) for name, entity, value in rows], status=status
    )


@pytest.fixture
def opened() -> Iterator[Callable[..., Any]]:
    """A function that opens a SQLite store over files, which is closed in the end."""
    found: list[Any] = []

    def open_files(*files: Path) -> Any:
        found.append(sqlite.SqliteStore(list(files)))
        return found[-1]

    yield open_files
    for one in found:
        one.close()


def call(
    folder: Path, *arguments: str, given: str = "", code: int = 0, environment: dict[str, str] | None = None
) -> str:
    """What Python prints in a project; the exit code has to be ``code``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_"))}
    command, settings = [sys.executable, *arguments], {**kept, **(environment or {})}
    done = subprocess.run(command, cwd=folder, env=settings, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code else done.stdout


@pytest.fixture(scope="module")
def flown(stored_flights: Callable[..., Path]) -> Path:
    """A project with the features of every flight of 2013."""
    folder = stored_flights()
    call(folder, "-m", "mlops", "late", "ingest", "features")
    return folder


@pytest.mark.parametrize("moment", ["2013-06-30T12:00:00", "2013-12-31T17:30:00"])
def test_refresh_gives_what_the_batch_gives_at_that_moment(flown: Path, moment: str) -> None:
    """Every flight that departs at the moment of a refresh has the same windows online as in the table of all."""
    call(flown, "-m", "mlops", "features", "refresh", "--at", moment)
    query = BATCH.format(moment.replace("T", " "))
    names = ["plane_delay", "plane_flights", "plane_origin", "route_delay", "flights_in_a_day"]
    with duckdb.connect() as database:
        database.execute(f"SET file_search_path = '{flown}'")
        keys = database.execute(
            f"SELECT f.*, {', '.join(names)} FROM 'data/flights.parquet' f JOIN ({query}) USING (flight_id)"
        )
        columns = [column[0] for column in keys.description or []]
        flights = [dict(zip(columns, row, strict=True)) for row in keys.fetchall()]
    assert len(flights) > 5
    online = json.loads(call(flown, "-c", ONLINE, given=json.dumps(flights, default=datetime.isoformat)))
    for flight, found in zip(flights, online, strict=True):
        expected = {name: flight[name] for name in names}
        assert found == {**expected, "plane_delay": pytest.approx(expected["plane_delay"], abs=1e-9)}


def test_refresh_keeps_a_history_that_moves_with_the_state(flown: Path, tmp_path: Path) -> None:
    """One row for each entity that flew by then, however often a moment is refreshed; another home can fetch it."""
    with duckdb.connect() as database:
        query = f"""
            SELECT count(DISTINCT coalesce(tailnum, '')), count(DISTINCT (carrier, dest))
            FROM '{flown}/data/flights.parquet' WHERE scheduled_departure <= TIMESTAMP '2013-03-01 12:00:00'
        """
        planes, routes = database.execute(query).fetchall()[0]
    for _ in range(2):
        said = call(flown, "-m", "mlops", "features", "refresh", "flown", "--at", "2013-03-01T12:00:00")
    entities = planes + routes + 1  # and the one that stands for all
    assert said.startswith(f"flown: 5 features of {entities:,} entities as of 2013-03-01 12:00:00 to ")
    place, home = {"MLOPS_STORAGE": str(tmp_path / "storage")}, {"MLOPS_HOME": str(tmp_path / "home")}
    call(flown, "-m", "mlops", "state", "push", environment=place)
    call(flown, "-m", "mlops", "state", "pull", environment={**place, **home})
    (days,) = (tmp_path / "home/features/flown/history").glob("tailnum-*")
    with duckdb.connect() as database:
        query = f"SELECT count(*), count(tailnum), max(event_timestamp) FROM '{days}/2013-03-01.parquet'"
        assert database.execute(query).fetchall() == [(planes, planes - 1, NOON.replace(month=3, day=1))]
    said = call(flown, "-m", "mlops", "features", "status", environment=home)
    assert said.startswith("flown: as of 2013-03-01 12:00:00, written ")


def test_refresh_goes_on_with_the_definitions_of_a_packaged_model(flown: Path) -> None:
    """A package whose window was a day longer gets values of its own beside the new ones: old champions still run."""
    package = flown / ".mlops/work/late/package"
    (package / "features").mkdir(parents=True)
    shutil.copy(flown / "mlops/models/late/config.json", package)
    source = (flown / "mlops/features/flown.py").read_text(encoding="utf-8")
    assert source.count("604800") == 1  # plane_delay: seven days
    (package / "features/flown.py").write_text(source.replace("604800", "691200"), encoding="utf-8")
    call(flown, "-m", "mlops", "features", "refresh", "--at", "2013-06-30T12:00:00")
    shutil.rmtree(package)
    with sqlite3.connect(flown / ".mlops/features/flown/online.sqlite") as database, duckdb.connect() as reference:
        query = "SELECT feature, value FROM latest WHERE entity = '[\"N14228\"]' AND feature LIKE 'plane_delay:%'"
        stored = sorted(json.loads(value) for _, value in database.execute(query))
        mean = f"""
            SELECT avg(arr_delay) FROM '{flown}/data/flights.parquet' WHERE tailnum = 'N14228'
            AND scheduled_departure <= TIMESTAMP '2013-06-29 12:00:00'
            AND scheduled_departure > TIMESTAMP '2013-06-29 12:00:00' - INTERVAL ? DAY
        """
        expected = sorted(reference.execute(mean.replace("?", str(days))).fetchall()[0][0] for days in (7, 8))
    assert stored == pytest.approx(expected, abs=1e-9)
    assert len(set(stored)) == 2


def test_refresh_of_an_unknown_set_names_those_that_are_there(flown: Path) -> None:
    """A mistyped set is a wrong use."""
    said = call(flown, "-m", "mlops", "features", "refresh", "flows", code=2)
    assert said == "error: 'flows' is no feature set with stored features\n  help: there is: flown\n"


def test_sqlite_store_gives_back_every_kind_of_value(tmp_path: Path, opened: Callable[..., Any]) -> None:
    """Numbers keep their type and every digit; moments and dates come back through the decoder of their column."""
    day, moment = date(2013, 2, 28), datetime(2013, 2, 28, 23, 59, 59, 1)  # noqa: DTZ001 - naive UTC
    given = {
        "float": 0.1 + 0.2,
        "integer": 2**70,
        "boolean": True,
        "string": 'Zoë "x"',
        "date": day,
        "timestamp": moment,
    }
    sqlite.write(tmp_path / "s", values_of([(dtype, ["UA"], value) for dtype, value in given.items()]))
    found = opened(tmp_path / "s")
    for dtype, value in given.items():
        latest = found.latest(dtype, ["UA"])
        assert (store.decoder(dtype)(latest.value), latest.as_of) == (value, NOON)
        assert type(store.decoder(dtype)(latest.value)) is type(value)
    assert found.status() == store.Status(as_of=NOON, refreshed_at=NOON + timedelta(minutes=1))


def test_sqlite_store_tells_null_from_unknown(tmp_path: Path, opened: Callable[..., Any]) -> None:
    """A stored null has a moment, an unknown entity is None; a null in the key is not the word."""
    sqlite.write(tmp_path / "s", values_of([("f", [None], None), ("f", ["None"], 1)]))
    found = opened(tmp_path / "s")
    many = found.latest_many([("f", [None]), ("f", ["None"]), ("f", ["UA"]), ("g", [None])])
    assert many == [store.Latest(value=None, as_of=NOON), store.Latest(value=1, as_of=NOON), None, None]


def test_sqlite_store_follows_a_file_that_is_replaced(tmp_path: Path, opened: Callable[..., Any]) -> None:
    """Without being opened again it sees a first file appear, a newer one take its place, and it go."""
    file = tmp_path / "s"
    found = opened(file)
    assert found.latest("f", ["UA"]) is None
    assert found.status() is None
    for minutes, value in ((0, 1.5), (15, 2.5)):
        sqlite.write(file, values_of([("f", ["UA"], value)], NOON + timedelta(minutes=minutes)))
        assert found.latest("f", ["UA"]) == store.Latest(value=value, as_of=NOON + timedelta(minutes=minutes))
    file.unlink()
    assert found.latest("f", ["UA"]) is None


def test_sqlite_store_takes_the_newer_of_two_files(tmp_path: Path, opened: Callable[..., Any]) -> None:
    """A package that was trained after the last refresh wins over it, entity by entity."""
    hour = timedelta(hours=1)
    sqlite.write(tmp_path / "home", values_of([("f", ["UA"], "old"), ("f", ["AA"], "only here")], NOON))
    sqlite.write(tmp_path / "package", values_of([("f", ["UA"], "new")], NOON + hour))
    found = opened(tmp_path / "home", tmp_path / "package")
    assert [one.value for one in found.latest_many([("f", ["UA"]), ("f", ["AA"])])] == ["new", "only here"]
    assert found.status().as_of == NOON + hour


def test_stored_name_changes_with_the_definition() -> None:
    """A feature whose window is another one is stored under another name: an old champion never reads it."""

    def name(**changed: Any) -> Any:
        window = {"aggregate": "AVG(x)", "by": ("a",), "window_seconds": 60, "lag_seconds": 0, "time": "t", **changed}
        module = modules.FeatureModule(name="m", source="d", sql={}, windows={"f": modules.Window(**window)}, online={})
        return store.stored_features(module)["f"].name

    assert name() == name()
    assert name().startswith("f:")
    assert len({name(), name(window_seconds=61), name(lag_seconds=1), name(by=("b",)), name(aggregate="SUM(x)")}) == 5


@pytest.fixture
def silent_address() -> Iterator[str]:
    """The address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://:secret@127.0.0.1:{server.getsockname()[1]}/0"


def test_redis_store_that_never_answers_is_not_waited_for(silent_address: str) -> None:
    """The first request waits a quarter of a second, the next not at all; neither shows the password."""
    found = redis.RedisStore(silent_address, "mlops:p:s")
    with pytest.raises(store.UnreachableError, match=r"127\.0\.0\.1:\d+ does not answer: Timeout") as first:
        found.latest("f", ["UA"])
    with pytest.raises(store.UnreachableError, match="did not answer a moment ago") as second:
        found.latest("f", ["UA"])
    assert "secret" not in f"{first.value}{second.value}"
    found.close()


def test_redis_address_that_is_none_is_named() -> None:
    """A word in place of an address is a message with an example."""
    with pytest.raises(Exception, match="the address of the online store is not one of Redis"):
        redis.RedisStore("nonsense", "mlops:p:s")


@pytest.mark.parametrize(("missing", "said"), [("null", None), ("error", "the online store does not answer")])
def test_stored_values_without_an_answer_follow_the_policy(silent_address: str, missing: str, said: str | None) -> None:
    """A store that is down gives nulls and counts them, or refuses the request, as the spec says."""
    stored = stored_values.Stored(feature="f", by=("carrier",), name="f:1")
    found = stored_values.StoredSet(
        name="s",
        policy=config_of.Online(store=silent_address, missing=missing),
        wanted=(stored_values.Wanted(stored=stored, decode=store.decoder("float"), nothing=0),),
        store=redis.RedisStore(silent_address, "mlops:p:s"),
        missing={"f": 0},
    )
    requests = [{"carrier": "UA"}, {"carrier": "AA"}]
    if said is None:
        assert found.values(requests, [NOON, NOON]) == [{"f": None}, {"f": None}]
        assert (found.missing, found.unreachable, found.as_of) == ({"f": 2}, 1, None)
    else:
        with pytest.raises(Exception, match=said):
            found.values(requests, [NOON, NOON])
    found.store.close()


def test_count_over_a_join_is_zero_for_an_unknown_key_and_null_without_one(
    tmp_path: Path, opened: Callable[..., Any]
) -> None:
    """As in a batch: a key that the joined dataset never had counts no rows, and null joins nothing."""
    sqlite.write(tmp_path / "s", values_of([("f:1", ["JFK"], 3)]))
    found = stored_values.StoredSet(
        name="s",
        policy=config_of.Online(store="sqlite", missing="null"),
        wanted=(
            stored_values.Wanted(
                stored=stored_values.Stored(feature="f", by=("origin",), name="f:1"),
                decode=store.decoder("integer"),
                nothing=0,
                keyed=True,
            ),
        ),
        store=opened(tmp_path / "s"),
        missing={"f": 0},
    )
    requests = [{"origin": "JFK"}, {"origin": "LGA"}, {"origin": None}]
    assert found.values(requests, [NOON] * 3) == [{"f": 3}, {"f": 0}, {"f": None}]
