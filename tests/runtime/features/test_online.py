"""One request computes what the batch computes, whatever way the feature is compiled."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
online = import_module(f"{RUNTIME}.features.online")
store = import_module(f"{RUNTIME}.features.store")
config_of = import_module(f"{RUNTIME}.core.config")


def features_of(project: Any, package: Path | None = None) -> Any:
    """The online features of a packaged model."""
    folder = package or project.work / "package"
    config = config_of.load_model(folder / "config.json")
    return online.OnlineFeatures(config, folder)


def test_online_features_equal_the_batch(trained_flights: Any) -> None:
    """Over a thousand real flights: Python, DuckDB fallback ('weekend') and pass-through agree with the table."""
    names = ["carrier", "origin", "distance", "dep_delay", "hour", "weekend"]
    raw = ["flight_id", "scheduled_departure", "carrier", "origin", "distance", "dep_delay"]
    rows = trained_flights.rows(
        f"SELECT {', '.join('raw__' + name for name in raw)}, {', '.join(names)} "
        "FROM 'features/features.parquet' WHERE __row % 300 = 0 ORDER BY __row"
    )
    assert len(rows) > 1000
    compute = features_of(trained_flights)
    for row in rows:
        request = json.loads(json.dumps(dict(zip(raw, row[: len(raw)], strict=True)), default=datetime.isoformat))
        computed = compute.compute(compute.parse(request))
        assert tuple(computed[name] for name in names) == row[len(raw) :]


def test_online_window_is_the_value_of_the_newest_row(trained_flights: Any) -> None:
    """What the store has for a carrier is what a flight of the last moment of the data would get."""
    newest = trained_flights.rows("SELECT max(scheduled_departure) FROM 'ingest/flights.parquet'")[0][0]
    expected = trained_flights.rows(
        "SELECT carrier, avg(arr_delay) FROM 'ingest/flights.parquet' "
        f"WHERE scheduled_departure > TIMESTAMP '{newest}' - INTERVAL 8 DAY "
        f"AND scheduled_departure <= TIMESTAMP '{newest}' - INTERVAL 1 DAY GROUP BY ALL ORDER BY ALL"
    )
    compute = features_of(trained_flights)
    request = {"flight_id": "x", "scheduled_departure": newest, "origin": "JFK", "distance": 1.0, "dep_delay": None}
    for carrier, mean in expected:
        assert compute.compute({**request, "carrier": carrier})["carrier_delay_7d"] == pytest.approx(mean, abs=1e-9)
    assert compute.compute({**request, "carrier": "unknown"})["carrier_delay_7d"] is None


def test_online_window_that_is_too_old_counts_as_missing(trained_flights: Any, tmp_path: Path) -> None:
    """Beyond max_staleness a stored value is not used, and with missing: error the request is refused."""
    package = trained_flights.work / "package"
    for file in ("features/flight_features.py", "online.sqlite"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes((package / file).read_bytes())
    config = json.loads((package / "config.json").read_text())
    newest = trained_flights.rows("SELECT max(scheduled_departure) FROM 'ingest/flights.parquet'")[0][0]
    request = {"carrier": "UA", "scheduled_departure": newest + timedelta(hours=2)}
    for policy, outcome in (("null", None), ("error", "has no fresh value for carrier=UA")):
        config["online"] = {"flight_features": {"store": "sqlite", "max_staleness_seconds": 3600, "missing": policy}}
        (tmp_path / "config.json").write_text(json.dumps(config))
        compute = features_of(trained_flights, tmp_path)
        fresh = compute.compute({**request, "scheduled_departure": newest + timedelta(minutes=59)})
        assert fresh["carrier_delay_7d"] is not None
        if outcome is None:
            assert compute.compute(request)["carrier_delay_7d"] is None
        else:
            with pytest.raises(Exception, match=outcome):
                compute.compute(request)


def test_features_without_a_python_form_are_one_query(trained_flights: Any) -> None:
    """What the compiled module leaves out is asked of DuckDB, in the type of the feature, nulls included."""
    compute = features_of(trained_flights)
    assert compute.through_duckdb == ["weekend"]
    saturday = datetime(2013, 7, 6, 12)  # noqa: DTZ001
    assert compute.compute({"scheduled_departure": saturday})["weekend"] is True
    assert compute.compute({"scheduled_departure": saturday - timedelta(days=1)})["weekend"] is False
    assert compute.compute({})["weekend"] is None
    assert list(compute.compute({})) == [feature["name"] for feature in trained_flights.config["features"]]


def test_request_times_are_read_as_utc() -> None:
    """A time with an offset becomes naive UTC, one without is UTC already."""
    column = config_of.Column(type="timestamp")
    assert online.parse_value("2013-07-04T09:30:00-04:00", column) == datetime(2013, 7, 4, 13, 30)  # noqa: DTZ001
    assert online.parse_value("2013-07-04T13:30:00Z", column) == datetime(2013, 7, 4, 13, 30)  # noqa: DTZ001
    assert online.parse_value("2013-07-04T13:30:00", column) == datetime(2013, 7, 4, 13, 30)  # noqa: DTZ001


def test_entity_key_is_the_same_for_stored_and_asked_values() -> None:
    """Values of several columns make one text; a missing one is not the word None."""
    assert store.entity_key(["UA", 15, None]) == '["UA", "15", null]'
    assert store.entity_key(["None"]) != store.entity_key([None])
