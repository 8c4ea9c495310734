"""The service answers real requests as the batch does, refuses wrong ones clearly, and logs what it said."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb


def rows(table: Path, query: str) -> list[dict[str, Any]]:
    """Rows of a data file as JSON requests; ``t`` is the file."""
    reader = "read_csv(?, nullstr = 'NA')" if table.suffix == ".csv" else "read_parquet(?)"
    with duckdb.connect() as database:
        cursor = database.execute(f"WITH t AS (FROM {reader}) {query}", [str(table)])
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()} for row in found]


def logged(project: Any) -> list[dict[str, Any]]:
    """Every line of the prediction log."""
    files = sorted((project.folder / ".mlops" / "predictions").glob("*/*/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def scored(path: Path, columns: str) -> list[tuple[Any, ...]]:
    """Columns of a batch's output, in its order."""
    with duckdb.connect() as database:
        return database.execute(f"SELECT {columns} FROM read_parquet(?)", [str(path)]).fetchall()


def sample(project: Any) -> dict[str, Any]:
    """The real request that the package carries."""
    return dict(project.read("package/sample_request.json"))


def test_server_answers_a_flight_as_the_batch_does(late_arrival: Any, start: Any) -> None:
    """The newest flight of the data: its window value is stored, and equals the point-in-time one of the batch."""
    request = sample(late_arrival)
    (late_arrival.folder / "one.json").write_text(json.dumps(request), encoding="utf-8")
    late_arrival.step("batch", "--input", "one.json", "--output", "out.parquet", "--no-log")
    [expected] = scored(late_arrival.folder / "out.parquet", "score, prediction")
    with start(late_arrival) as server:
        answer = server.post("/predict", request)
    assert answer.status == 200
    assert (answer.json["score"], answer.json["prediction"]) == expected
    assert answer.json["version"] == "1"
    assert set(answer.json) == {"request_id", "score", "prediction", "version"}


def test_server_answers_every_penguin_as_the_batch_does(species: Any, start: Any) -> None:
    """344 requests one by one and at once, missing values among them: the same class, the same probabilities."""
    fields = [field["name"] for field in species.config["request"]]
    penguins = rows(species.folder / "data" / "penguins.csv", f"SELECT {', '.join(fields)} FROM t")
    species.step("batch", "--output", "out.parquet", "--no-log")
    expected = scored(species.folder / "out.parquet", "prediction, probability_Adelie, probability_Chinstrap, score")
    with start(species) as server:
        one_by_one = [server.post("/predict", penguin).json for penguin in penguins[:50]]
        at_once = server.post("/predict/batch", penguins).json["predictions"]
    assert len(at_once) == 344
    for answer, (prediction, adelie, chinstrap, score) in zip(at_once, expected, strict=True):
        assert answer["prediction"] == prediction
        assert abs(answer["probabilities"]["Adelie"] - adelie) < 1e-12
        assert abs(answer["probabilities"]["Chinstrap"] - chinstrap) < 1e-12
        assert abs(answer["score"] - score) < 1e-12
    assert [answer["prediction"] for answer in one_by_one] == [answer["prediction"] for answer in at_once[:50]]


def test_server_answers_every_patient_as_the_batch_does(progression: Any, start: Any) -> None:
    """442 values of a regression: score and prediction are the value."""
    fields = ", ".join(field["name"] for field in progression.config["request"])
    patients = rows(progression.folder / "data" / "diabetes.csv", f"SELECT {fields} FROM t")
    progression.step("batch", "--output", "out.parquet", "--no-log")
    expected = scored(progression.folder / "out.parquet", "patient, prediction")
    with start(progression) as server:
        answers = server.post("/predict/batch", patients).json["predictions"]
    assert len(answers) == 442
    for patient, answer, (number, value) in zip(patients, answers, expected, strict=True):
        assert patient["patient"] == number
        assert abs(answer["prediction"] - value) < 1e-9
        assert answer["score"] == answer["prediction"]


def test_server_logs_what_it_answered(late_arrival: Any, start: Any) -> None:
    """One line per prediction with key, time, features, request, score and decision; all there after a stop."""
    request = sample(late_arrival)
    with start(late_arrival) as server:
        answer = server.post("/predict", request, {"X-Request-ID": "first"})
        both = server.post("/predict/batch", [request, request], {"X-Request-ID": "second"}).json
        server.stop()
    lines = logged(late_arrival)
    assert answer.headers["x-request-id"] == answer.json["request_id"] == "first"
    assert [item["request_id"] for item in both["predictions"]] == ["second-0", "second-1"]
    assert [line["request_id"] for line in lines] == ["first", "second-0", "second-1"]
    assert lines[0]["key"] == {"flight_id": request["flight_id"]}
    assert lines[0]["time"] == request["scheduled_departure"] + "Z"
    assert lines[0]["request"] == request | {"scheduled_departure": lines[0]["time"]}
    assert lines[0]["features"]["hour"] == 23
    assert lines[0]["features"]["carrier"] == request["carrier"]
    assert lines[0]["features"]["weekend"] is False
    assert isinstance(lines[0]["features"]["carrier_delay_7d"], float)
    assert (lines[0]["score"], lines[0]["decision"]) == (answer.json["score"], answer.json["prediction"])


def test_server_refuses_wrong_requests_with_every_mistake(late_arrival: Any, start: Any) -> None:
    """What is missing, misspelt, of the wrong type or not allowed is said field by field, and nothing is logged."""
    request = sample(late_arrival)
    package = late_arrival.work / "package" / "config.json"
    config = json.loads(package.read_text(encoding="utf-8"))
    next(field for field in config["request"] if field["name"] == "origin")["allowed"] = ["EWR", "JFK", "LGA"]
    package.write_text(json.dumps(config), encoding="utf-8")
    wrong = {"carier": "UA", "scheduled_departure": 1387872000, "distance": "far", "flight_id": None, "origin": "EWR"}
    with start(late_arrival) as server:
        refused = server.post("/predict", wrong, {"X-Request-ID": "wrong"})
        not_json = server.post("/predict", b'{"carrier":')
        not_an_object = server.post("/predict", [])
        not_finite = server.post("/predict", json.dumps(request | {"distance": float("nan")}).encode())
        second_of_two = server.post("/predict/batch", [request, request | {"origin": "SFO"}])
        none = server.post("/predict/batch", [])
        schema = server.get("/openapi.json").json["components"]["schemas"]["Request"]
        server.stop()
    assert refused.status == 422
    assert refused.json == {
        "request_id": "wrong",
        "detail": [
            {"field": "flight_id", "message": "should be a valid string"},
            {"field": "scheduled_departure", "message": "should be ISO 8601 text"},
            {"field": "carrier", "message": "is missing"},
            {"field": "distance", "message": "should be a valid number"},
            {"field": "carier", "message": "is not a field of this model; did you mean 'carrier'?"},
        ],
    }
    assert [(answer.status, answer.json["detail"]) for answer in (not_json, not_an_object, not_finite)] == [
        (422, [{"field": "body", "message": "is not JSON: Expecting value"}]),
        (422, [{"field": "body", "message": "should be a JSON object"}]),
        (422, [{"field": "distance", "message": "should be a finite number"}]),
    ]
    assert second_of_two.json["detail"] == [{"field": "1.origin", "message": "should be 'EWR', 'JFK' or 'LGA'"}]
    assert schema["properties"]["origin"]["enum"] == ["EWR", "JFK", "LGA"]
    assert none.status == 422
    assert logged(late_arrival) == []


def test_server_describes_itself(late_arrival: Any, start: Any) -> None:
    """Health, readiness, metadata, the document with a real example, and counters."""
    with start(late_arrival) as server:
        assert server.get("/health").json == {"status": "ok"}
        assert server.get("/ready").json == {"status": "ready", "version": "1"}
        metadata = server.get("/metadata").json
        schema = server.get("/openapi.json").json["components"]["schemas"]["Request"]
        assert server.post("/predict", schema["example"]).status == 200
        assert server.get("/nothing").status == 404
        for _ in range(200):
            metrics = server.get("/metrics").text
            if "mlops_prediction_log_written_total 1\n" in metrics:
                break
            time.sleep(0.05)
    assert metadata["name"] == "late-arrival"
    assert metadata["features"][-1] == "carrier_delay_7d"
    assert metadata["metrics"]["roc_auc"] > 0.75
    assert schema["example"] == sample(late_arrival)
    assert schema["required"] == ["flight_id", "scheduled_departure", "carrier", "origin", "distance"]
    assert 'mlops_model_info{model="late-arrival",version="1"} 1\n' in metrics
    assert "mlops_predictions_total 1\n" in metrics
    assert 'mlops_requests_total{route="/predict",status="200"} 1\n' in metrics
    assert 'mlops_requests_total{route="other",status="404"} 1\n' in metrics
    assert 'mlops_request_seconds_bucket{route="/predict",status="200",le="+Inf"} 1\n' in metrics
    assert "mlops_prediction_log_written_total 1\n" in metrics


def test_server_loses_nothing_when_it_is_told_to_stop(species: Any, start: Any) -> None:
    """Answered requests are in the log after SIGTERM, however soon it comes."""
    with start(species) as server:
        ids = [server.post("/predict", sample(species)).json["request_id"] for _ in range(100)]
        server.stop()
    assert [line["request_id"] for line in logged(species)] == ids


def test_server_that_is_killed_has_logged_all_but_the_last_moment(species: Any, start: Any) -> None:
    """The queue is empty within moments: what was answered before is on disk when SIGKILL comes."""
    with start(species) as server:
        ids = [server.post("/predict", sample(species)).json["request_id"] for _ in range(100)]
        while "mlops_prediction_log_pending 0\n" not in server.get("/metrics").text:
            time.sleep(0.01)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    assert [line["request_id"] for line in logged(species)] == ids


def test_server_answers_while_the_log_cannot_be_written(species: Any, start: Any) -> None:
    """A file where the log's folder should be: predictions go on, the failure is counted."""
    (species.folder / ".mlops" / "predictions").write_text("in the way", encoding="utf-8")
    with start(species) as server:
        answers = [server.post("/predict", sample(species)).status for _ in range(5)]
        while "mlops_prediction_log_failures_total 0\n" in (metrics := server.get("/metrics").text):
            time.sleep(0.05)
    assert answers == [200] * 5
    assert "mlops_prediction_log_pending 5\n" in metrics


def test_server_without_a_fresh_window_says_so_where_the_spec_demands_it(late_arrival: Any, start: Any) -> None:
    """``missing: error`` refuses a carrier that the store does not know, instead of guessing."""
    package = late_arrival.work / "package" / "config.json"
    config = json.loads(package.read_text(encoding="utf-8"))
    config["online"] = {"flight_features": {"store": "sqlite", "missing": "error"}}
    package.write_text(json.dumps(config), encoding="utf-8")
    with start(late_arrival) as server:
        refused = server.post("/predict", sample(late_arrival) | {"carrier": "ZZ"})
    assert refused.status == 503
    assert refused.json["detail"] == [
        {"field": "body", "message": "feature 'carrier_delay_7d' has no fresh value for carrier=ZZ"}
    ]


def test_server_on_a_taken_port_says_so(species: Any) -> None:
    """The message names the address and how to find a free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "mlops", "species", "serve", "--port", str(port)],
            cwd=species.folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port 0 finds a free one" in done.stderr
    assert "Traceback" not in done.stderr


def test_server_without_a_package_says_what_to_run(penguins: Any) -> None:
    """Serving before training names the step that is missing."""
    done = penguins.step("serve", code=1)
    assert f"there is no packaged model in {penguins.work / 'package'}" in done.stderr
    assert "run the steps up to 'package' first, or set MLOPS_PACKAGE" in done.stderr
