"""Feast and the built-in store answer alike: the same windows, from the same flights, asked for the same keys."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.peer

AT = "2013-06-30T12:00:00"
LOOK_UP = (Path(__file__).parents[1] / "fixtures" / "look_up.py").read_text(encoding="utf-8")
REDIS = 'online: {store: "${REDIS_URL}", max_staleness: 1h}'
Store = tuple[str, str]  # the word of the stack, and how the set is kept online
STORES: dict[str, Store] = {
    "builtin, SQLite": ("builtin", "online: {store: sqlite, max_staleness: 1h}"),
    "builtin, Redis": ("builtin", REDIS),
    "Feast, SQLite": ("feast", "online: {store: sqlite, max_staleness: 1h}"),
    "Feast, Redis": ("feast", REDIS),
}


def run(bin_folder: Path, folder: Path, *arguments: str, given: str = "", redis: str = "") -> str:
    """What Python prints there; the test fails where it fails."""
    environment = {**os.environ, "REDIS_URL": redis}
    done = subprocess.run(
        [str(bin_folder / "python"), *arguments],
        cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def requests_of_planes(flights_with_planes: Path) -> list[dict[str, Any]]:
    """One request for each of 1,000 planes, every route among them, no plane, and keys that nobody knows."""
    query = f"""
        SELECT tailnum, max(carrier) AS carrier, max(dest) AS dest FROM '{flights_with_planes}'
        WHERE tailnum IS NOT NULL GROUP BY tailnum ORDER BY hash(tailnum) LIMIT 1000
    """
    with duckdb.connect() as database:
        planes = database.execute(query).fetchall()
    unknown = [
        (None, "UA", "ORD"),
        ("N0NE", "UA", "ORD"),
        (planes[0][0], "ZZ", "ORD"),
        ("", "UA", ""),
        ("\\N", "UA", "x"),
    ]
    return [
        {"scheduled_departure": AT, "tailnum": plane, "carrier": carrier, "dest": dest, "origin": "JFK"}
        for plane, carrier, dest in [*planes, *unknown]
    ]


@pytest.fixture(scope="module")
def answers(
    peer: Callable[[str], Path],
    redis_server: Callable[[], str],
    stored_flights: Callable[..., Path],
    requests_of_planes: list[dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """What each of the four stores answers, all from Feast's environment and refreshed as of one moment."""
    programs, found = peer("feast"), {}
    for name, (word, online) in STORES.items():
        folder, redis = stored_flights(word, online), redis_server() if online == REDIS else ""
        said = run(programs, folder, "-m", "mlops", "features", "refresh", "--at", AT, redis=redis)
        assert said.startswith("flown: 5 features of "), said
        asked = json.dumps(requests_of_planes)
        found[name] = json.loads(run(programs, folder, "-c", LOOK_UP, given=asked, redis=redis))
    return found


def test_feast_answers_what_the_builtin_store_answers(answers: dict[str, list[dict[str, Any]]]) -> None:
    """1,000 planes, and five keys that are null, empty or unknown: the same from SQLite and Redis, by either store."""
    expected = answers["builtin, SQLite"]
    assert len(expected) == 1005
    for name, found in answers.items():
        differing = [(one, other) for one, other in zip(expected, found, strict=True) if one != other]
        assert differing == [], name


def test_stores_hold_what_a_batch_computes(
    answers: dict[str, list[dict[str, Any]]], requests_of_planes: list[dict[str, Any]], flights_with_planes: Path
) -> None:
    """Each answer is what the windows give, written by hand, for a flight of that plane and route at that moment."""
    query = f"""
        SELECT avg(arr_delay) FILTER (tailnum IS NOT DISTINCT FROM $plane AND age >= 1440 AND age < 8 * 1440),
               count(*) FILTER (tailnum IS NOT DISTINCT FROM $plane AND age > 0 AND age < 30 * 1440),
               max(origin) FILTER (tailnum IS NOT DISTINCT FROM $plane AND age > 0 AND age < 30 * 1440),
               max(dep_delay) FILTER (carrier = $carrier AND dest = $dest AND age > 0 AND age < 3 * 1440),
               count(*) FILTER (age > 0 AND age < 1440)
        FROM (SELECT *, date_diff('minute', scheduled_departure, TIMESTAMP '{AT}') AS age FROM '{flights_with_planes}')
        WHERE age >= 0 AND age <= 31 * 1440
    """
    asked = list(zip(requests_of_planes, answers["builtin, SQLite"], strict=True))
    chosen = [*asked[::25], *asked[-5:]]
    names = ("plane_delay", "plane_flights", "plane_origin", "route_delay", "flights_in_a_day")
    with duckdb.connect() as database:
        for request, answer in chosen:
            key = {"plane": request["tailnum"], "carrier": request["carrier"], "dest": request["dest"]}
            (row,) = database.execute(query, key).fetchall()
            expected = dict(zip(names, row, strict=True))
            assert answer == {**expected, "plane_delay": pytest.approx(expected["plane_delay"], abs=1e-9)}, request


def test_feast_without_its_redis_follows_the_policy(
    peer: Callable[[str], Path], stored_flights: Callable[..., Path], requests_of_planes: list[dict[str, Any]]
) -> None:
    """A server that accepts and never answers gives nulls, for every request; it is asked once and not waited for."""
    folder = stored_flights("feast", REDIS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        redis = f"redis://:se,cret@127.0.0.1:{server.getsockname()[1]}/0"
        asked = json.dumps(requests_of_planes[:100])
        found = json.loads(run(peer("feast"), folder, "-c", LOOK_UP, given=asked, redis=redis))
    assert found == [dict.fromkeys(found[0]) for _ in range(100)]
    assert len(found[0]) == 5
