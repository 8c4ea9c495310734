# mypy: disable-error-code="import-untyped"
"""Monitors judge the flights of December, scored by a model that learned from the flights until August."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

RUNTIME = "mlopsc.templates.python.mlops.runtime"
run = import_module(f"{RUNTIME}.monitor.run")
alerts = import_module(f"{RUNTIME}.monitor.alerts")
config_module = import_module(f"{RUNTIME}.core.config")
errors = import_module(f"{RUNTIME}.core.errors")

AT = "2013-12-20T07:00:00+00:00"
DAY = 86400
WEEK = "scheduled_departure >= '2013-12-13 06:00' AND scheduled_departure < '2013-12-20 06:00'"

Watch = Callable[..., Any]


@pytest.fixture
def december(late_arrival: Any, packages: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The project with the 28,135 flights of December in its prediction log."""
    kept, log = packages / "december", late_arrival.folder / ".mlops" / "predictions"
    if not kept.exists():
        asked = "flight_id, scheduled_departure, carrier, origin, distance, dep_delay"
        with duckdb.connect() as database:
            table = late_arrival.folder / "data" / "flights.parquet"
            file = late_arrival.folder / "december.parquet"
            query = f"SELECT {asked} FROM '{table}' WHERE month(scheduled_departure) = 12"
            database.execute(f"COPY ({query}) TO '{file}'")
        late_arrival.step("batch", "--input", "december.parquet", "--output", "out.parquet")
        shutil.copytree(log, kept)
    elif not log.exists():
        shutil.copytree(kept, log)
    monkeypatch.setenv("MLOPS_ROOT", str(late_arrival.folder))
    for name in (
        "MLOPS_HOME",
        "MLOPS_PACKAGE",
        "GITHUB_TOKEN",
        "GITHUB_ACTIONS",
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
    ):
        monkeypatch.delenv(name, raising=False)
    return late_arrival


def monitor(kind: str, **changes: Any) -> dict[str, Any]:
    """A daily monitor at six in the morning, UTC."""
    content: dict[str, Any] = {
        "name": "watch",
        "model": "late-arrival",
        "kind": kind,
        "cron": "0 6 * * *",
        "timezone": "UTC",
        "window_seconds": 7 * DAY,
        "on_breach": ["alert", "retrain"],
        "min_rows": 100,
    }
    return content | changes


def look(project: Any, content: dict[str, Any], at: str = AT, channels: tuple[str, ...] = ()) -> tuple[str, Any]:
    """Run the monitor in this process: what it printed and what it kept."""
    plan = config_module.build(config_module.ProjectPlan, project.plan | {"alerts": list(channels)}, "plan.json")
    config = config_module.build(config_module.ModelConfig, project.config, "config.json")
    watched = config_module.build(config_module.Monitor, content, "monitor")
    said = run.run_monitor(plan, watched, config, at=datetime.fromisoformat(at))
    return said, kept(project)


def kept(project: Any) -> Any:
    """The latest verdict."""
    return json.loads((project.folder / ".mlops/monitors/watch/latest.json").read_text(encoding="utf-8"))


def measures(verdict: Any) -> dict[str, float]:
    """The values of a verdict by the name of their measure."""
    return {measure["name"]: measure["value"] for measure in verdict["measures"]}


def column(project: Any, name: str, source: str, where: str = "true") -> list[Any]:
    """A column of training rows or of raw flights."""
    tables = {"train": project.work / "split" / "train.parquet", "raw": project.folder / "data" / "flights.parquet"}
    with duckdb.connect() as database:
        return [row[0] for row in database.execute(f"SELECT {name} FROM '{tables[source]}' WHERE {where}").fetchall()]


def by_definition(expected: list[Any], actual: list[Any], bins: Callable[[Any], Any]) -> float:
    """PSI from its definition, over the bins that a function sorts values into."""
    p, q = Counter(map(bins, expected)), Counter(map(bins, actual))
    total = 0.0
    for name in {*p, *q}:
        share, now = max(p[name] / len(expected), 1e-4), max(q[name] / len(actual), 1e-4)
        total += (now - share) * math.log(now / share)
    return total


def test_drift_psi_is_that_of_training_and_logged_rows(december: Any, trained_flights: Any) -> None:
    """Recomputed from the training rows and the raw flights of the week, without the runtime."""
    said, verdict = look(december, monitor("data-drift", method="psi", threshold=0.2))
    trained = [value for value in column(trained_flights, "dep_delay", "train") if value is not None]
    edges = np.unique(np.quantile(np.array(trained), np.arange(1, 10) / 10))
    found = measures(verdict)
    assert found["dep_delay"] == pytest.approx(
        by_definition(
            column(trained_flights, "dep_delay", "train"),
            column(december, "dep_delay", "raw", WEEK),
            lambda value: "missing" if value is None else int(np.searchsorted(edges, value, side="left")),
        ),
        abs=1e-9,
    )
    assert found["carrier"] == pytest.approx(
        by_definition(column(trained_flights, "carrier", "train"), column(december, "carrier", "raw", WEEK), str),
        abs=1e-9,
    )
    assert verdict["verdict"] == "breached"
    assert verdict["rows"] == len(column(december, "carrier", "raw", WEEK)) == 6385
    assert next(iter(found)) == "carrier_delay_7d"
    assert "verdict: watch: breached (1 of the last 1 windows, acts at 1)" in said
    ks = look(december, monitor("data-drift", method="ks", threshold=0.1))[1]
    week = column(december, "distance", "raw", WEEK)
    assert measures(ks)["distance"] == pytest.approx(
        stats.ks_2samp(column(trained_flights, "distance", "train"), week).statistic, abs=0.002
    )  # the reference keeps 2,000 values of each column
    assert {m["name"]: m["verdict"] for m in ks["measures"]}["distance"] == "ok"


def test_drift_watches_the_columns_that_it_is_told(december: Any) -> None:
    """Two columns that did not move: the verdict is ok, whatever the others do."""
    _, verdict = look(december, monitor("data-drift", columns=["origin", "hour"], threshold=0.2))
    assert sorted(measures(verdict)) == ["hour", "origin"]
    assert verdict["verdict"] == "ok"
    assert verdict["acted"] == {}


def test_drift_without_enough_rows_is_insufficient(december: Any) -> None:
    """A month that nobody predicted is no drift and no all-clear."""
    said, verdict = look(december, monitor("data-drift"), at="2014-03-01T07:00:00+00:00")
    assert (verdict["verdict"], verdict["rows"]) == ("insufficient", 0)
    assert said.splitlines()[1] == "verdict: watch: insufficient (0 predictions, needs 100)"


def test_window_ends_at_the_last_boundary_however_late_it_runs(december: Any) -> None:
    """Run at 06:00, at 06:59 and the next morning before six: one verdict, kept once."""
    content = monitor("data-drift", columns=["dep_delay"])
    found = [
        look(december, content, at=at)[1]
        for at in ("2013-12-20T06:00:00+00:00", "2013-12-20T06:59:59+00:00", "2013-12-21T05:59:00+00:00")
    ]
    assert {(item["boundary"], item["rows"], item["measures"][0]["value"]) for item in found} == {
        ("2013-12-20T06:00:00Z", 6385, found[0]["measures"][0]["value"])
    }
    lines = (december.folder / ".mlops/monitors/watch/verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1


def test_breach_needs_as_many_windows_as_the_spec_says(december: Any) -> None:
    """Weekends are drift in a window of a day: Saturday and Sunday breach, Monday is judged with both before it."""
    daily = monitor("data-drift", columns=["weekend"], window_seconds=DAY, cron="0 0 * * *", threshold=2.0)
    monday = "2013-12-16T01:00:00+00:00"  # its newest window is Sunday
    _, one = look(december, daily | {"breaches": [1, 1]}, at=monday)
    _, two = look(december, daily | {"breaches": [3, 3]}, at=monday)
    said, three = look(december, daily | {"breaches": [2, 3]}, at=monday)
    assert [window["verdict"] for window in three["windows"]] == [window["verdict"] for window in two["windows"]]
    assert [window["end"][:10] for window in three["windows"]] == ["2013-12-16", "2013-12-15", "2013-12-14"]
    breached = [window["verdict"] for window in three["windows"]].count("breached")
    assert (one["verdict"], two["verdict"]) == ("breached", "breached" if breached == 3 else "ok")
    assert three["verdict"] == ("breached" if breached >= 2 else "ok")
    assert f"{breached} of the last 3 windows" in said


def test_verdict_is_computed_from_the_log_alone(december: Any) -> None:
    """Without its folder the monitor comes to the same conclusion: nothing but alerts is state."""
    content = monitor("data-drift", breaches=[2, 3])
    _, first = look(december, content)
    shutil.rmtree(december.folder / ".mlops" / "monitors")
    _, second = look(december, content)
    assert {**first, "ran_at": None} == {**second, "ran_at": None}


def test_breach_acts_once_per_cooldown(december: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first breach alerts and asks for a retraining; again after the cooldown, never twice for one boundary."""
    sent: list[str] = []

    def send(_: str, alert: Any) -> Any:
        sent.append(alert.title)
        return alerts.Sent(text=f"issue #{len(sent)}")

    monkeypatch.setattr(alerts, "send", send)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    content = monitor("data-drift", cooldown_seconds=2 * DAY)
    for day in ("20", "20", "21", "22"):
        look(december, content, at=f"2013-12-{day}T07:00:00+00:00", channels=("github-issue",))
    assert sent == ["Monitor watch: data-drift of late-arrival breached"] * 2
    outputs = (tmp_path / "output").read_text(encoding="utf-8").split()
    assert outputs == [
        *("breached=true", "retrain=true"),
        *("breached=true", "retrain=false"),
        *("breached=true", "retrain=false"),
        *("breached=true", "retrain=true"),
    ]
    assert "| carrier_delay_7d |" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_alert_that_fails_is_reported_and_still_due(december: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is kept, the retraining is asked for, the run fails; the next run sends what is due."""

    def refuse(*_: object) -> object:
        raise errors.StepError("the alert was not sent: HTTP 503")

    monkeypatch.setattr(alerts, "send", refuse)
    with pytest.raises(errors.StepError, match="the alert was not sent: HTTP 503"):
        look(december, monitor("data-drift"), channels=("github-issue",))
    assert kept(december)["verdict"] == "breached"
    assert kept(december)["acted"] == {
        "alert": "failed: the alert was not sent: HTTP 503",
        "retrain": "the train workflow is asked for",
    }
    monkeypatch.setattr(alerts, "send", lambda *_: alerts.Sent(text="issue #7"))
    _, second = look(december, monitor("data-drift"), channels=("github-issue",))
    assert second["acted"]["alert"] == "issue #7"
    assert second["acted"]["retrain"].startswith("held (done for 2013-12-20 06:00 UTC")


def test_performance_joins_labels_as_they_arrive(december: Any) -> None:
    """roc_auc of the week's predictions that have a label, recomputed with scikit-learn from log and raw flights."""
    content = monitor("performance", metric="roc_auc", min=0.72, labels="flights")
    said, verdict = look(december, content)
    lines = [
        json.loads(line)
        for file in (december.folder / ".mlops/predictions/late-arrival").glob("*/*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    scores = {line["key"]["flight_id"]: line["score"] for line in lines}
    with duckdb.connect() as database:
        query = f"SELECT flight_id, arr_delay > 15 FROM '{december.folder}/data/flights.parquet' WHERE {WEEK}"
        labels = dict(row for row in database.execute(query).fetchall() if row[1] is not None)
    expected = sk.roc_auc_score(list(labels.values()), [scores[flight] for flight in labels])
    assert measures(verdict) == {"roc_auc": pytest.approx(expected, abs=1e-12)}
    assert verdict["measures"][0]["detail"] == f"{len(labels):,} of 6,385 predictions have a label"
    assert verdict["verdict"] == "ok"
    assert "roc_auc" in said
    _, worse = look(december, content | {"min": 0.95})
    assert worse["verdict"] == "breached"
    _, few = look(december, content | {"min_rows": 10_000})
    assert (few["verdict"], few["why"]) == (
        "insufficient",
        f"{len(labels):,} of 6,385 predictions have a label, needs 10,000",
    )


def test_quality_finds_what_breaks_the_contract(december: Any) -> None:
    """Three requests with a negative distance in the window: that rule fails, the others hold."""
    content = monitor("data-quality", window_seconds=DAY)
    assert look(december, content)[1]["verdict"] == "ok"
    file = next((december.folder / ".mlops/predictions/late-arrival/date=2013-12-19").glob("*.jsonl"))
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines[-3:]:
        line["request"]["distance"] = -1.0
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    _, verdict = look(december, content)
    failed = [measure for measure in verdict["measures"] if measure["verdict"] != "ok"]
    assert [(m["name"], m["value"], m["verdict"]) for m in failed] == [("distance: is at least 0", 3, "breached")]
    assert verdict["verdict"] == "breached"


def test_drift_is_measured_against_the_version_that_answered(december: Any, trained_flights: Any) -> None:
    """A newer version was packaged since; the reference is that of the old one, fetched from the registry."""
    before = look(december, monitor("data-drift"))[1]
    shutil.copytree(trained_flights.folder / ".mlops" / "mlflow", december.folder / ".mlops" / "mlflow")
    december.config |= {"registry": "mlflow"}
    package = december.work / "package"
    version = json.loads((package / "version.json").read_text(encoding="utf-8"))
    (package / "version.json").write_text(json.dumps(version | {"version": "2"}), encoding="utf-8")
    (package / "reference.json").write_text(json.dumps({"rows": 0, "features": {}}), encoding="utf-8")
    after = look(december, monitor("data-drift"))[1]
    assert (after["rows"], after["measures"]) == (before["rows"], before["measures"])
    assert (december.folder / ".mlops" / "cache" / "late-arrival" / "1" / "reference.json").exists()


def test_monitor_leaves_out_lines_that_a_crash_cut_short(december: Any) -> None:
    """Half a line at the end of a file, as a dying machine leaves it: all whole lines count."""
    before = look(december, monitor("data-drift"))[1]
    file = next((december.folder / ".mlops/predictions/late-arrival/date=2013-12-19").glob("*.jsonl"))
    with file.open("a", encoding="utf-8") as log:
        log.write('{"request_id":"torn","key":{"flight_id":"U')
    after = look(december, monitor("data-drift"))[1]
    assert (after["rows"], after["measures"]) == (before["rows"], before["measures"])


def test_monitor_does_not_judge_a_feature_that_is_not_logged(december: Any) -> None:
    """A redacted feature has no values: insufficient for it, no alarm."""
    for file in (december.folder / ".mlops/predictions/late-arrival").glob("*/*.jsonl"):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for line in lines:
            del line["features"]["dep_delay"]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    _, verdict = look(december, monitor("data-drift", columns=["dep_delay", "origin"]))
    assert [(m["name"], m["verdict"], m["detail"]) for m in verdict["measures"]][1] == (
        *("dep_delay", "insufficient", "logged in 0 rows only"),
    )
    assert verdict["verdict"] == "ok"


def test_personal_values_stay_out_of_verdict_report_and_alert(december: Any) -> None:
    """A personal column is judged, and none of its values is shown."""
    package = december.work / "package" / "config.json"
    config = json.loads(package.read_text(encoding="utf-8"))
    config["datasets"]["flights"]["columns"]["carrier"]["pii"] = True
    package.write_text(json.dumps(config), encoding="utf-8")
    said, verdict = look(december, monitor("data-drift", columns=["carrier", "origin"]))
    report = (december.folder / ".mlops/monitors/watch/report.html").read_text(encoding="utf-8")
    shown = {measure["name"]: measure["detail"] for measure in verdict["measures"]}
    assert shown["carrier"] == "personal: values not shown"
    assert not any(f"{carrier}:" in said + report for carrier in ("UA", "EV", "9E", "B6"))
    assert ">LGA<" in report


def test_report_needs_nothing_from_elsewhere(december: Any) -> None:
    """One file: the verdict, the measures and the columns that moved most, drawn."""
    look(december, monitor("data-drift", breaches=[2, 3]))
    report = (december.folder / ".mlops/monitors/watch/report.html").read_text(encoding="utf-8")
    assert "<title>watch: breached</title>" in report
    assert report.count("<svg") == 6
    assert "<b>carrier_delay_7d</b>" in report
    assert not any(word in report for word in ("http:", "https:", "<script", "src="))


def test_monitor_command_prints_one_table(december: Any) -> None:
    """``python -m mlops monitor NAME --at TIME`` as a process: exit 0 when breached, the verdict in words."""
    december.plan["monitors"] = {"watch": monitor("data-drift", columns=["dep_delay", "origin"], method="ks")}
    december.write()
    done = december.run("monitor", "watch", "--at", AT)
    lines = done.stdout.splitlines()
    assert lines[0] == "watch  2013-12-13 06:00 to 2013-12-20 06:00 UTC  6,385 predictions"
    assert lines[1].split() == ["measure", "value", "bound", "verdict", "detail"]
    assert lines[3].startswith("dep_delay  0.169")
    assert lines[5] == "verdict: watch: breached (1 of the last 1 windows, acts at 1)"
    assert lines[-1] == f"report: {december.folder}/.mlops/monitors/watch/report.html"
