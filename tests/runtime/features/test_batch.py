"""Features of whole tables: point in time, label, raw columns; checked against an independent computation."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def test_window_of_a_flight_sees_only_what_was_known_a_day_before(trained_flights: Any) -> None:
    """The seven-day mean of a carrier's delays equals a plain loop over (t - 8 days, t - 1 day]."""
    flights = trained_flights.rows(
        "SELECT carrier, scheduled_departure, arr_delay, flight_id FROM 'ingest/flights.parquet' "
        "WHERE carrier IN ('HA', 'OO') ORDER BY scheduled_departure"
    )
    by_carrier: dict[str, list[tuple[datetime, float | None]]] = defaultdict(list)
    for carrier, moment, delay, _ in flights:
        by_carrier[carrier].append((moment, delay))
    computed = dict(
        trained_flights.rows(
            "SELECT flight_id, carrier_delay_7d FROM 'features/features.parquet' WHERE carrier IN ('HA', 'OO')"
        )
    )
    assert len(computed) == len(flights) == 374
    for carrier, moment, _, flight in flights:
        past = [d for m, d in by_carrier[carrier] if moment - DAY - WEEK < m <= moment - DAY and d is not None]
        if past:
            assert math.isclose(computed[flight], math.fsum(past) / len(past), abs_tol=1e-9), flight
        else:
            assert computed[flight] is None, flight


def test_window_without_lag_never_sees_its_own_row(flights: Any) -> None:
    """With no lag the same moment is left out too: the first flight of a carrier has no past."""
    module = flights.folder / "mlops" / "features" / "flight_features.py"
    module.write_text(module.read_text().replace('"lag_seconds": 86400', '"lag_seconds": 0'))
    flights.step("ingest", "features")
    first = flights.rows(
        "SELECT carrier_delay_7d FROM 'features/features.parquet' "
        "QUALIFY scheduled_departure = min(scheduled_departure) OVER (PARTITION BY carrier)"
    )
    assert {value for (value,) in first} == {None}


def test_features_carry_key_label_and_raw_columns(trained_flights: Any) -> None:
    """Slices, business columns and request fields are there as raw columns, the label as it is defined."""
    columns = [row[0] for row in trained_flights.rows("DESCRIBE SELECT * FROM 'features/features.parquet'")]
    assert columns == [
        *("flight_id", "scheduled_departure", "carrier", "origin", "distance", "dep_delay", "hour", "weekend"),
        *("carrier_delay_7d", "raw__flight_id", "raw__scheduled_departure", "raw__carrier", "raw__origin"),
        *("raw__distance", "raw__dep_delay", "raw__arr_delay", "__row", "__label"),
    ]
    wrong = "SELECT count(*) FROM 'features/features.parquet' WHERE __label IS DISTINCT FROM (raw__arr_delay > 15)"
    assert trained_flights.rows(wrong) == [(0,)]


def test_missing_labels_are_an_error_when_the_spec_says_so(penguins: Any) -> None:
    """With nulls: error the step names how many rows lack a label and leaves no features behind."""
    penguins.config["label"] = {"sql": "sex", "dtype": "string", "columns": ["sex"], "nulls": "error"}
    penguins.write()
    done = penguins.step("ingest", "features", code=1)
    assert done.stderr == (
        "error[species features]: 11 of 344 rows have no label (sex)\n  help: correct them, or set 'nulls: drop'\n"
    )
    assert not (penguins.work / "features" / "features.parquet").exists()


@pytest.mark.parametrize("table", ["data/penguins.csv"])
def test_row_hash_without_a_key_follows_the_content(penguins: Any, table: str) -> None:
    """Shuffled rows keep their hash, so that a random split does not depend on the order of the file."""
    penguins.step("ingest", "features")
    before = penguins.rows("SELECT __row FROM 'features/features.parquet' ORDER BY 1")
    path = penguins.folder / table
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(lines)]) + "\n")
    penguins.step("ingest", "features")
    assert penguins.rows("SELECT __row FROM 'features/features.parquet' ORDER BY 1") == before
