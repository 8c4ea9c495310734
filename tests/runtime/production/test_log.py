"""The prediction log keeps what the spec says, and says so when it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
log = import_module(f"{RUNTIME}.serve.log")
config = import_module(f"{RUNTIME}.core.config")

NEW_YEAR = datetime(2013, 12, 31, 23, 30, tzinfo=UTC)
EVERYTHING = log.Filter(sample=1.0, hidden=frozenset(), hidden_features=frozenset())


def record(request_id: str = "1", **changes: Any) -> Any:
    """One prediction about the flight UA-15 of New Year's Eve."""
    content: dict[str, Any] = {
        "request_id": request_id,
        "key": {"flight_id": "UA-15-EWR-20131231T2330"},
        "time": NEW_YEAR,
        "features": {"carrier": "UA", "hour": 23, "dep_delay": None, "carrier_delay_7d": 4.5},
        "request": {"carrier": "UA", "dep_delay": None, "scheduled_departure": NEW_YEAR},
        "score": 0.25,
        "decision": False,
        "version": "3",
        "logged_at": datetime(2014, 1, 1, 0, 0, 1, tzinfo=UTC),
    }
    return log.Record(**content | changes)


def writer(folder: Path, **options: Any) -> Any:
    """A started writer that keeps everything."""
    made = log.PredictionWriter(folder=folder, filter=EVERYTHING, **options)
    made.start()
    return made


def lines(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The log by the folder of its date."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(folder.glob("*/*.jsonl")):
        found.setdefault(file.parent.name, []).extend(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
    return found


def test_log_line_holds_the_whole_prediction(tmp_path: Path) -> None:
    """One line of JSON with everything that a monitor needs."""
    made = writer(tmp_path)
    made.put(record())
    made.close()
    assert lines(tmp_path) == {
        "date=2013-12-31": [
            {
                "request_id": "1",
                "key": {"flight_id": "UA-15-EWR-20131231T2330"},
                "time": "2013-12-31T23:30:00Z",
                "features": {"carrier": "UA", "hour": 23, "dep_delay": None, "carrier_delay_7d": 4.5},
                "request": {"carrier": "UA", "dep_delay": None, "scheduled_departure": "2013-12-31T23:30:00Z"},
                "score": 0.25,
                "decision": False,
                "version": "3",
                "logged_at": "2014-01-01T00:00:01Z",
            }
        ]
    }


def test_log_is_partitioned_by_the_utc_date_of_the_request(tmp_path: Path) -> None:
    """Half past eleven in New York is the next day in UTC; a time without a zone is UTC."""
    new_york = timezone(timedelta(hours=-5))
    made = writer(tmp_path)
    made.put(record("zoned", time=NEW_YEAR.replace(tzinfo=new_york)))
    made.put(record("naive", time=NEW_YEAR.replace(tzinfo=None)))
    made.close()
    ids = {date: [line["request_id"] for line in found] for date, found in lines(tmp_path).items()}
    assert ids == {"date=2013-12-31": ["naive"], "date=2014-01-01": ["zoned"]}
    assert lines(tmp_path)["date=2014-01-01"][0]["time"] == "2014-01-01T04:30:00Z"


def test_log_redaction_hides_a_column_and_what_comes_from_it() -> None:
    """Neither the value nor a feature computed from it is in the line; an aggregate over the past stays."""
    features = [
        config.Feature(
            name=name, module="f", kind=kind, dtype="float", role="numeric", columns=["dep_delay", "carrier"]
        )
        for name, kind in (("dep_delay", "column"), ("hour", "sql"), ("carrier_delay_7d", "window"))
    ]
    settings = config.PredictionLog(redact=["dep_delay", "flight_id"])
    line = json.loads(log.Filter.of(settings, features).line(record()))
    assert line["key"] == {}
    assert line["features"] == {"carrier": "UA", "carrier_delay_7d": 4.5}
    assert line["request"] == {"carrier": "UA", "scheduled_departure": "2013-12-31T23:30:00Z"}


def test_log_sample_is_decided_by_the_request() -> None:
    """A quarter of the ids, always the same ones."""
    quarter = log.Filter(sample=0.25, hidden=frozenset(), hidden_features=frozenset())
    kept = [number for number in range(10_000) if quarter.keeps(str(number))]
    assert kept[:5] == [number for number in range(10_000) if quarter.keeps(str(number))][:5]
    assert len(kept) == pytest.approx(2500, abs=100)
    assert not any(log.Filter(sample=0.0, hidden=frozenset(), hidden_features=frozenset()).keeps(str(n)) for n in kept)


def test_log_waits_for_a_disk_that_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While nothing can be written, predictions wait; when it can be again, all of them are there."""
    folder = tmp_path / "predictions"
    folder.write_text("a file where the folder should be", encoding="utf-8")
    made = writer(folder)
    made.put(record("1"))
    while not made.failures:
        time.sleep(0.01)
    folder.unlink()
    made.put(record("2"))
    made.close()
    assert [line["request_id"] for line in lines(folder)["date=2013-12-31"]] == ["1", "2"]
    assert (made.written, made.dropped, made.pending) == (2, 0, 0)
    assert f"prediction log: cannot write {folder}" in capsys.readouterr().err


def test_log_counts_what_it_has_to_drop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A full queue drops the newest, a closed log what it could not write; both are counted and said."""
    folder = tmp_path / "predictions"
    folder.write_text("a file where the folder should be", encoding="utf-8")
    made = writer(folder, capacity=3)
    for number in range(5):
        made.put(record(str(number)))
    assert made.dropped == 2
    made.close()
    assert made.dropped == 5
    assert capsys.readouterr().err.endswith("prediction log: 5 predictions were not logged\n")


def test_log_takes_back_a_line_that_a_full_disk_cut_short(tmp_path: Path) -> None:
    """A file system that is full in the middle of a line leaves the lines before it, and nothing else."""
    script = """
        import resource, signal, sys
        from importlib import import_module
        from pathlib import Path
        log = import_module(sys.argv[1])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file = Path(sys.argv[2])
        log.append_whole(file, ["a" * 99])
        resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
        try:
            log.append_whole(file, ["b" * 99])
        except OSError as error:
            print(error.strerror, file.stat().st_size)
    """
    file = tmp_path / "date=2013-12-31" / "log.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), f"{RUNTIME}.serve.log", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "File too large 100\n"
    assert file.read_text(encoding="utf-8") == "a" * 99 + "\n"


def test_log_begins_a_file_each_day_and_removes_old_ones(tmp_path: Path) -> None:
    """What was logged longer ago than the retention goes, however old or new the flights in it are."""
    today = [datetime(2026, 3, 1, tzinfo=UTC)]
    made = writer(tmp_path, retention=timedelta(days=2), clock=lambda: today[0])
    for day in range(5):
        today[0] = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day)
        made.put(record(str(day)))
        while made.pending:
            time.sleep(0.005)
    made.close()
    kept = [line["request_id"] for line in lines(tmp_path)["date=2013-12-31"]]
    assert kept == ["1", "2", "3", "4"]  # the file of day 0 is 4 days old, and its last line may be 3 days old


def test_log_of_a_batch_replaces_the_same_batch(tmp_path: Path) -> None:
    """Scoring the same rows again leaves one line per row, and other files alone."""
    made = writer(tmp_path)
    made.put(record("served"))
    made.close()
    for hour in (1, 2):
        now = datetime(2026, 3, 1, hour, tzinfo=UTC)
        records = [record("batch-1"), record("batch-2", time=NEW_YEAR + timedelta(days=1))]
        assert log.write_batch(tmp_path, "batch-ab12", EVERYTHING, records, now) == 2
    ids = {date: sorted(line["request_id"] for line in found) for date, found in lines(tmp_path).items()}
    assert ids == {"date=2013-12-31": ["batch-1", "served"], "date=2014-01-01": ["batch-2"]}
