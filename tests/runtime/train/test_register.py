"""Versions: registered with their lineage, promoted by somebody for a reason, fetched as they were."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def registered(trained_flights: Any, tmp_path: Path) -> Any:
    """A copy of the trained flights, in a place of its own: what a home is after it was pulled elsewhere."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(trained_flights.folder, folder, symlinks=True)
    return type(trained_flights)(folder=folder, config=trained_flights.config, plan=trained_flights.plan)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_version_carries_its_lineage(trained_flights: Any) -> None:
    """Data, configuration and verdicts are tags of the version, and the run has parameters, metrics and slices."""
    record = trained_flights.read("register/registered.json")
    assert (record["name"], record["version"], record["alias"]) == ("flight-delays.late-arrival", "1", "challenger")
    data = trained_flights.read("ingest/ingest.json")["datasets"]["flights"]["sha256"]
    assert record["tags"]["data"] == hashlib.sha256(f"flights {data}".encode()).hexdigest()
    assert record["tags"]["config"] == digest(trained_flights.folder / "mlops/models/late-arrival/config.json")
    assert record["tags"]["gates"].startswith("roc_auc: pass, average_precision vs champion: insufficient")
    metrics = trained_flights.read("evaluate/metrics.json")
    with closing(sqlite3.connect(trained_flights.folder / ".mlops/mlflow/mlflow.db")) as store:
        logged = dict(store.execute("SELECT key, value FROM metrics WHERE run_uuid = ?", [record["run_id"]]))
        params = dict(store.execute("SELECT key, value FROM params WHERE run_uuid = ?", [record["run_id"]]))
    assert logged["roc_auc"] == metrics["metrics"]["roc_auc"]
    assert logged["saved_minutes"] == metrics["business"]["saved_minutes"]
    assert logged["roc_auc/origin/JFK"] == metrics["slices"]["origin"]["JFK"]["roc_auc"]
    assert (params["max_iter"], params["learning_rate"]) == ("60", "0.1")


def test_package_is_what_was_registered_with_its_version(trained_flights: Any) -> None:
    """Every file of the package is, byte by byte, an artifact of the version; only version.json is added."""
    package = trained_flights.work / "package"
    record = trained_flights.read("register/registered.json")
    stored = trained_flights.folder / ".mlops/mlflow/artifacts" / record["run_id"] / "artifacts/package"
    files = {file.relative_to(package).as_posix(): digest(file) for file in package.rglob("*") if file.is_file()}
    assert json.loads((package / "version.json").read_text()) == record
    del files["version.json"]
    assert files == {f.relative_to(stored).as_posix(): digest(f) for f in stored.rglob("*") if f.is_file()}
    assert sorted(files) == [
        *("config.json", "features/flight_features.py", "gates.json", "lineage.json", "metrics.json", "model.json"),
        "model.skops",
        *("online.sqlite", "reference.json", "sample_request.json"),
    ]


def test_reference_describes_the_training_rows(trained_flights: Any) -> None:
    """Bins hold about a tenth of the rows each, categories are counted, missing values are apart."""
    reference = json.loads((trained_flights.work / "package" / "reference.json").read_text())
    counted = dict(trained_flights.rows("SELECT origin, count(*) FROM 'split/train.parquet' GROUP BY 1"))
    assert reference["rows"] == 229136
    assert reference["features"]["origin"] == {"kind": "categorical", "counts": counted, "nulls": 0}
    delay = reference["features"]["dep_delay"]
    edges = delay["edges"]
    bins = trained_flights.rows(
        "SELECT len(list_filter("
        + str(edges)
        + ", lambda e: e < dep_delay)) AS bin, count(*) FROM 'split/train.parquet' "
        "WHERE dep_delay IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    assert delay["counts"] == [count for _, count in bins]
    assert len(delay["sample"]) <= 2000
    assert delay["sample"] == sorted(delay["sample"])
    low, high = trained_flights.rows("SELECT min(dep_delay), max(dep_delay) FROM 'split/train.parquet'")[0]
    assert (delay["sample"][0], delay["sample"][-1]) == (low, high)


def test_shown_request_is_a_real_one(trained_flights: Any) -> None:
    """The request is a flight of the test rows, with every field, ready for curl."""
    request = json.loads(trained_flights.step("show-request").stdout)
    found = trained_flights.rows(
        "SELECT raw__carrier, raw__origin, raw__distance, raw__dep_delay, raw__scheduled_departure "
        f"FROM 'split/test.parquet' WHERE flight_id = '{request['flight_id']}'"
    )[0]
    moment = found[4].isoformat()
    assert (request["carrier"], request["origin"], request["distance"], request["dep_delay"]) == found[:4]
    assert request["scheduled_departure"] == moment


def test_shown_request_hides_personal_values(penguins: Any) -> None:
    """A personal column stands in the package as a placeholder."""
    penguins.config["datasets"]["penguins"]["columns"]["island"]["pii"] = True
    penguins.write()
    penguins.step("ingest", "features", "split")
    assert json.loads(penguins.step("show-request").stdout)["island"] == "hidden"


@pytest.mark.slow
def test_promotion_moves_the_champion_in_a_home_that_moved(registered: Any) -> None:
    """A home that was copied to another folder works: promote, compare, list."""
    done = registered.run("models", "promote", "late-arrival", "--by", "ada", "--why", "better for passengers")
    assert done.stdout == "late-arrival: version 1 is the champion\n"
    shown = registered.run("models", "show", "late-arrival").stdout
    assert shown.startswith("flight-delays.late-arrival 1 (challenger, champion), registered 20")
    assert "  promoted_by: ada\n" in shown
    assert "  promoted_why: better for passengers\n" in shown
    registered.step("gate", "register", "package")
    gates = {gate["gate"]: gate for gate in registered.read("gate/gates.json")}
    assert gates["average_precision vs champion"]["why"] == "gain +0.0000 on 49,113 rows"
    assert registered.read("package/version.json")["version"] == "2"
    listed = registered.run("models", "list").stdout.splitlines()
    assert [line.split("  ")[0] for line in listed] == ["model", "-" * 12, "late-arrival", "late-arrival"]
    assert "2        challenger" in listed[2]
    assert "1        champion" in listed[3]
    moved = registered.folder / ".mlops/mlflow/artifacts" / registered.read("gate/run.json")["run_id"]
    assert (moved / "artifacts" / "package" / "model.skops").exists()


def test_promotion_of_an_unknown_version_lists_what_there_is(trained_flights: Any) -> None:
    """A version that does not exist is wrong usage."""
    done = trained_flights.run(
        *("models", "promote", "late-arrival", "--version", "9", "--by", "ada", "--why", "typo"), code=2
    )
    assert done.stderr == "error: 'late-arrival' has no version 9\n  help: there is: 1\n"


def test_second_promotion_at_once_is_refused(penguins: Any) -> None:
    """While one promotion holds the lock another cannot win."""
    lock = penguins.folder / ".mlops" / "promote.lock"
    lock.parent.mkdir()
    lock.touch()
    done = penguins.run("models", "promote", "species", "--by", "ada", "--why", "now", code=1)
    assert (
        done.stderr == f"error: another promotion is going on\n  help: wait for it; if there is none, remove {lock}\n"
    )


def test_unreachable_server_is_a_message(penguins: Any) -> None:
    """A tracking server that does not answer is named, without a traceback."""
    penguins.config |= {"tracking": "mlflow", "registry": "mlflow"}
    penguins.write()
    done = penguins.run(
        *("models", "show", "species"),
        code=1,
        MLFLOW_TRACKING_URI="http://127.0.0.1:9",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    )
    assert done.stderr.splitlines()[-1] == "  help: check MLFLOW_TRACKING_URI and the server"
    assert "error: MLflow at http://127.0.0.1:9 failed: " in done.stderr
    assert "Traceback" not in done.stderr


def test_git_commit_is_part_of_the_lineage(penguins: Any) -> None:
    """In a repository the version names the commit that is checked out."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "data"], ["commit", "-q", "-m", "data"]):
        subprocess.run([*git, *arguments], cwd=penguins.folder, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=penguins.folder, check=True, capture_output=True, text=True)
    penguins.step("all")
    assert penguins.read("package/version.json")["tags"]["git_commit"] == head.stdout.strip()


def test_package_without_a_registry_is_version_local(trained_penguins: Any) -> None:
    """With registry: none the version is called local, and the package is complete."""
    package = trained_penguins.work / "package"
    assert json.loads((package / "version.json").read_text())["version"] == "local"
    assert sorted(file.name for file in package.rglob("*") if file.is_file()) == [
        *("config.json", "gates.json", "lineage.json", "metrics.json", "model.json", "model.skops", "penguin.py"),
        *("reference.json", "sample_request.json", "seen.npy", "version.json"),
    ]
