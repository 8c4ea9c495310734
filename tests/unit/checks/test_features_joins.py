"""Mistakes in joins: each is said once, at its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: departs_at
    columns:
      flight_id: {type: string, unique: true}
      departs_at: timestamp
      gate_at: {type: timestamp?, known_at: arrived_at}
      arrived_at: timestamp?
      origin: string
      dest: string
      distance: float
      arr_delay: {type: float?, available_after: 1d}
  weather:
    source: data/weather.csv
    key: [place, hour]
    time: hour
    columns: {place: string, hour: timestamp, temp: {type: float, available_after: 1h}}
  airports:
    source: data/airports.csv
    key: faa
    columns: {faa: string, altitude: float}
features:
  basics:
    from: flights
    joins:
      weather: {on: {origin: place}, lag: 1h}
      airports: {on: {dest: faa}}
    columns:
      distance: {}
      temp: weather.temp
      altitude: airports.altitude
      warmth: {aggregate: avg(weather.temp), window: 6h, lag: 1h}
models:
  late-arrival:
    features: [basics]
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""


def said(found: list[Diagnostic]) -> list[tuple[str, int, int, str, str]]:
    """Code, line, column, message and help of each error."""
    errors = [one for one in found if one.severity.value == "error"]
    return [(one.code, one.primary.span.line, one.primary.span.column, one.message, one.help or "") for one in errors]


OTHERS = """\
  others:
    from: flights
    joins: {weather: {on: {dest: place}, lag: 1h}}
    columns: {there: weather.temp * 2}
"""


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("distance: {}", "distance: {}", []),
        (
            "weather: {on:",
            "wether: {dataset: wether, on:",
            [
                ("MLC201", 28, 25, "unknown dataset 'wether'", "did you mean 'weather'?"),
                (
                    "MLC203",
                    32,
                    13,
                    "unknown column 'weather.temp': there is no join 'weather' in feature 'temp'",
                    "did you mean 'wether.temp'?",
                ),
            ],
        ),
        ("{origin: place}", "{orign: place}", [("MLC203", 28, 22, "unknown column 'orign'", "did you mean 'origin'?")]),
        ("{origin: place}", "{origin: plce}", [("MLC203", 28, 30, "unknown column 'plce'", "did you mean 'place'?")]),
        (
            "place}, lag: 1h",
            "place}, lag: 1h, as_of: departed",
            [
                (
                    "MLC203",
                    28,
                    54,
                    "unknown column 'departed'",
                    "did you mean 'departs_at'?",
                )
            ],
        ),
        (
            "place}, lag: 1h",
            "place}, lag: 1h, as_of: distance",
            [
                (
                    "MLC335",
                    28,
                    54,
                    "join 'weather' is as of 'distance', which holds no moment but a float",
                    "name a timestamp column",
                )
            ],
        ),
        (
            "place}, lag: 1h",
            "place}, lag: 1h, as_of: gate_at",
            [
                (
                    "MLC306",
                    32,
                    7,
                    "feature 'temp' of model 'late-arrival' is not yet known at 'departs_at'",
                    "predict later: predict_at: arrived_at; or leave the feature out",
                ),
                (
                    "MLC306",
                    34,
                    7,
                    "feature 'warmth' of model 'late-arrival' is not yet known at 'departs_at'",
                    "predict later: predict_at: arrived_at; or leave the feature out",
                ),
            ],
        ),
        (
            "    time: departs_at\n",
            "",
            [
                (
                    "MLC335",
                    27,
                    7,
                    "join 'weather' takes the newest row, but 'flights' has no time to compare it with",
                    "say as of when, write: as_of: a column; or give 'flights' its time: departs_at",
                )
            ],
        ),
        (
            "temp: weather.temp",
            "temp: temp",
            [("MLC203", 32, 13, "unknown column 'temp' in feature 'temp'", "did you mean 'weather.temp'?")],
        ),
        (
            "temp: weather.temp",
            "temp: weather.tmp * 2",
            [("MLC203", 32, 13, "unknown column 'weather.tmp' in feature 'temp'", "did you mean 'weather.temp'?")],
        ),
        (
            "window: 6h, lag: 1h",
            "window: 6h, lag: 30m",
            [
                (
                    "MLC309",
                    34,
                    63,
                    "window 'warmth' has a lag of 30m, but 'temp' is known only after 1h",
                    "leave out what is not known yet, write: lag: 1h",
                )
            ],
        ),
        (
            "avg(weather.temp), window",
            "avg(weather.temp - distance), window",
            [
                (
                    "MLC308",
                    34,
                    27,
                    "window 'warmth' looks at two datasets: it reads 'weather' and 'distance'",
                    "make two windows of it, and a feature of both where they belong together",
                )
            ],
        ),
        (
            "avg(weather.temp), window",
            "avg(airports.altitude), window",
            [
                (
                    "MLC308",
                    34,
                    7,
                    "feature 'warmth' is a window over 'airports', which has no time",
                    "say which column holds each row's time, write: time: the name of a timestamp column",
                )
            ],
        ),
        (
            "avg(weather.temp), window",
            "avg(weather.temp), by: origin, window",
            [
                (
                    "MLC308",
                    34,
                    46,
                    "window 'warmth' over the join 'weather' says 'by': its rows are found by the join",
                    "remove it",
                )
            ],
        ),
        (
            "      distance: float\n",
            "      distance: float\n      weather.temp: float\n",
            [
                (
                    "MLC337",
                    29,
                    7,
                    "'weather.temp' is a column of 'flights' and of the join 'weather'",
                    "give the join another name, such as: the_weather: {dataset: weather, …}",
                )
            ],
        ),
        (
            "models:\n",
            OTHERS + "models:\n",
            [],
        ),
        (
            "models:\n  late-arrival:\n    features: [basics]",
            OTHERS + "models:\n  late-arrival:\n    features: [basics, others]",
            [
                (
                    "MLC337",
                    37,
                    13,
                    "model 'late-arrival' has two joins 'weather'",
                    "give one of them another name, or write them alike",
                )
            ],
        ),
    ],
)
def test_mistake_in_a_join_is_said_at_its_place(
    before: str, after: str, wanted: list[tuple[str, int, int, str, str]], diagnosed: Diagnose
) -> None:
    """Code, place, message and help of every error that one change makes."""
    assert before in SPEC
    assert said(diagnosed(SPEC.replace(before, after, 1))) == wanted
