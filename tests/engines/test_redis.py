"""A service reads Redis: what a refresh writes, without a restart; what it answers when the server is gone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

pytestmark = pytest.mark.engine

REDIS = 'online: {store: "${REDIS_URL}", max_staleness: 1h}'
SQLITE = "online: {store: sqlite, max_staleness: 1h}"
FIRST, SECOND = "2013-06-30T12:00:00", "2013-06-30T12:45:00"
REQUEST = {
    "flight_id": "x",
    "scheduled_departure": FIRST,
    "tailnum": "N14228",
    "carrier": "UA",
    "dest": "ORD",
    "origin": "EWR",
}


@pytest.fixture(scope="module")
def trained(stored_flights: Callable[..., Path]) -> Callable[[str], Path]:
    """A function from the online store to a project with a packaged model."""
    made: dict[str, Path] = {}

    def train(online: str) -> Path:
        if online not in made:
            made[online] = stored_flights("builtin", online)
            run(made[online], "late", "all")
        return made[online]

    return train


def run(folder: Path, *arguments: str, redis: str = "", code: int = 0) -> str:
    """What ``python -m mlops`` prints; the exit code has to be ``code``."""
    command = [sys.executable, "-m", "mlops", *arguments]
    environment = {**os.environ, "REDIS_URL": redis}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code else done.stdout


@contextmanager
def serving(folder: Path, redis: str = "") -> Iterator[str]:
    """The address of the service of a project, on a free port."""
    command = [sys.executable, "-m", "mlops", "late", "serve", "--port", "0"]
    output = folder / "serve.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, "REDIS_URL": redis}, stdout=log, stderr=log)
    try:
        for _ in range(300):
            found = re.search(r"serving on (http://\S+)", output.read_text())
            if found:
                break
            time.sleep(0.1)
        else:
            pytest.fail(output.read_text())
        yield found[1]
    finally:
        process.terminate()
        process.wait()


def ask(address: str, content: object = None) -> tuple[int, Any]:
    """Status and body of a GET, or of a POST of JSON."""
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    with contextlib.suppress(json.JSONDecodeError):
        return status, json.loads(text)
    return status, text


def features_of(folder: Path) -> list[dict[str, Any]]:
    """The features of the predictions that a service has logged, the oldest first."""
    files = sorted((folder / ".mlops" / "predictions" / "late").rglob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [line["features"] for line in sorted(lines, key=lambda line: line["logged_at"])]


@pytest.mark.parametrize("online", [REDIS, SQLITE], ids=["Redis", "SQLite"])
def test_service_sees_a_refresh_without_a_restart(
    trained: Callable[[str], Path], redis_server: Callable[[], str], online: str
) -> None:
    """The same request gets the values of one refresh and then of the next; the age of what was read is a metric."""
    folder, redis = trained(online), redis_server() if online == REDIS else ""
    (folder / ".mlops/work/late/package/online.sqlite").unlink(missing_ok=True)  # which is of December
    with serving(folder, redis) as address:
        for moment in (FIRST, SECOND):
            said = run(folder, "features", "refresh", "--at", moment, redis=redis)
            assert f"as of {moment.replace('T', ' ')}" in said
            assert ask(f"{address}/predict", REQUEST)[0] == 200
            as_of = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
            assert f'mlops_online_as_of_seconds{{set="flown"}} {as_of:.0f}\n' in ask(f"{address}/metrics")[1]
    first, second = features_of(folder)
    assert first["flights_in_a_day"] != second["flights_in_a_day"]
    assert first["plane_flights"] is not None


def test_service_without_its_redis_answers_with_nulls(
    trained: Callable[[str], Path], redis_server: Callable[[], str]
) -> None:
    """With missing: null a request is answered while the server is gone, and the metrics say so; then it is back."""
    redis = redis_server()
    folder = trained(REDIS)
    run(folder, "features", "refresh", "--at", FIRST, redis=redis)
    gone = "redis://127.0.0.1:1/0"
    with serving(folder, gone) as address:
        assert ask(f"{address}/predict", REQUEST)[0] == 200
        assert ask(f"{address}/ready")[0] == 200
        shown = ask(f"{address}/metrics")[1]
    assert re.search(r'^mlops_online_unreachable_total\{set="flown"\} [1-9]', shown, re.MULTILINE)
    assert re.search(r'^mlops_online_missing_total\{set="flown",feature="plane_delay"\} [1-9]', shown, re.MULTILINE)
    assert features_of(folder)[-1]["plane_flights"] is None


def test_service_whose_features_may_not_be_missing_refuses_and_is_not_ready(
    trained: Callable[[str], Path], redis_server: Callable[[], str], tmp_path: Path
) -> None:
    """With missing: error a request is refused while the store is silent, and for a plane that nobody knows."""
    folder, redis = tmp_path / "strict", redis_server()
    shutil.copytree(trained(REDIS), folder, symlinks=True)
    config = folder / ".mlops/work/late/package/config.json"
    config.write_text(config.read_text().replace('"missing": "null"', '"missing": "error"'))
    run(folder, "features", "refresh", "--at", FIRST, redis=redis)
    server = Redis.from_url(redis)
    with serving(folder, redis) as address:
        assert ask(f"{address}/ready")[0] == 200
        assert ask(f"{address}/predict", REQUEST)[0] == 200
        status, body = ask(f"{address}/predict", {**REQUEST, "tailnum": "N0NE"})
        assert (status, body["detail"][0]["message"]) == (
            503,
            "feature 'plane_delay' has no fresh value for tailnum=N0NE",
        )
        with contextlib.suppress(ConnectionError):
            server.shutdown(nosave=True, now=True, force=True)
        status, body = ask(f"{address}/predict", REQUEST)
        assert status == 503
        assert "the online store does not answer" in body["detail"][0]["message"]
        assert ask(f"{address}/ready") == (
            503,
            {"status": "the online store of 'flown' does not answer", "version": "local"},
        )
    server.close()


def test_refresh_lets_entities_expire_that_it_no_longer_writes(
    trained: Callable[[str], Path], redis_server: Callable[[], str]
) -> None:
    """Each entity lives for a day after the last refresh that had it; the moment of the refresh itself stays."""
    redis = redis_server()
    run(trained(REDIS), "features", "refresh", "--at", FIRST, redis=redis)
    with Redis.from_url(redis, decode_responses=True) as server:
        lives = {key: server.ttl(key) for key in server.scan_iter("mlops:stored-flights:flown:*")}
    assert lives.pop("mlops:stored-flights:flown:refresh") == -1
    assert len(lives) > 3000
    assert all(0 < seconds <= 24 * 3600 for seconds in lives.values())


def test_refresh_without_a_server_says_which(trained: Callable[[str], Path]) -> None:
    """A server that is not there, and an address that is not set, are messages."""
    folder = trained(REDIS)
    said = run(folder, "features", "refresh", "--at", FIRST, redis="redis://:pass@127.0.0.1:1/0", code=1)
    assert said.startswith("error: the online store at 127.0.0.1:1 does not answer: ")
    assert "pass" not in said
    said = run(folder, "features", "refresh", code=1)
    assert said == "error: the online store needs the environment variable REDIS_URL\n  help: export REDIS_URL\n"
