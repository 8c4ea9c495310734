"""Comparisons whose answer is known, and features that stand there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic
from mlopsc.source import Span

Diagnose = Callable[[str], list[Diagnostic]]
Written = Callable[[str, Span], str]
Place = tuple[str, int, int, str]

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: departed_at
    columns:
      flight_id: string
      departed_at: timestamp
      origin: {type: string, allowed: [EWR, JFK, LGA]}
      distance: {type: float, min: 0, max: 5000}
      stops: {type: integer, min: 1}
      seats: {type: integer, min: 0, nullable: true}
      late: boolean
features:
  basics:
    from: flights
    columns:
      origin: {}
      distance: {}
      stops: {}
      extra: {sql: "SQL"}
models:
  late-arrival:
    features: [basics]
    label: late
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("origin = 'JFK'", []),
        ("origin = 'JKF'", [("MLC323", 21, 30, "'origin' is never 'JKF', by its contract")]),
        ("origin <> 'Boston'", [("MLC323", 21, 31, "'origin' is never 'Boston', by its contract")]),
        ("'lga' = origin", [("MLC323", 21, 21, "'origin' is never 'lga', by its contract")]),
        ("origin in ('EWR', 'NYC')", [("MLC323", 21, 39, "'origin' is never 'NYC', by its contract")]),
        ("origin = 'XXX' or origin = 'XXX'", [("MLC323", 21, 20, "'origin' is never 'XXX', by its contract")]),
        ("origin > 'A'", []),
        ("origin like 'J%'", []),
        ("upper(origin) = 'JFK2'", []),
        ("distance > 5000", [("MLC323", 21, 32, "'distance' is never > 5000, by its contract")]),
        ("distance >= 5000", []),
        ("distance < 5000", []),
        ("distance <= 5000", [("MLC323", 21, 33, "'distance' is always <= 5000, by its contract")]),
        ("distance < 0", [("MLC323", 21, 32, "'distance' is never < 0, by its contract")]),
        ("distance <= 0", []),
        ("distance >= 0", [("MLC323", 21, 33, "'distance' is always >= 0, by its contract")]),
        ("distance > 0", []),
        ("distance = -1", [("MLC323", 21, 32, "'distance' is never equal to -1, by its contract")]),
        ("distance = 9999", [("MLC323", 21, 32, "'distance' is never equal to 9999, by its contract")]),
        ("distance <> 9999", []),
        ("6000 > distance", [("MLC323", 21, 21, "'distance' is always < 6000, by its contract")]),
        ("distance > 1500", []),
        ("case when stops < 1 then 1 else 0 end", [("MLC323", 21, 20, "'stops' is never < 1, by its contract")]),
        ("coalesce(distance, -1) > -1", []),
        ("distance = broken", [("MLC203", 21, 32, "unknown column 'broken' in feature 'extra'")]),
        ("'it''s' = origin", [("MLC323", 21, 21, "'origin' is never 'it's', by its contract")]),
        ("seats >= 0", []),
        ("seats < 0", [("MLC323", 21, 29, "'seats' is never < 0, by its contract")]),
    ],
)
def test_comparison_that_the_contract_decides_is_found(diagnosed: Diagnose, sql: str, expected: list[Place]) -> None:
    """By allowed words and by the range of a number; not where it asks for rows with a value."""
    assert told(diagnosed(SPEC.replace("SQL", sql))) == expected


@pytest.mark.parametrize(
    ("sql", "edits"),
    [("'lga' = origin", [("'lga'", "'LGA'")]), ("origin = 'Boston'", []), ("origin = 'lga' or origin = 'lga'", [])],
)
def test_word_that_is_misspelt_is_mended(
    diagnosed: Diagnose, written: Written, sql: str, edits: list[tuple[str, str]]
) -> None:
    """Within the SQL, where it stands once and can mean one word only."""
    text = SPEC.replace("SQL", sql)
    found = [one for one in diagnosed(text) if one.code == "MLC323"]
    assert [(written(text, fix.span), fix.value) for one in found for fix in one.fix] == edits


def test_label_that_the_contract_decides_is_found(diagnosed: Diagnose) -> None:
    """A label that is never true, before anything was trained on it."""
    text = SPEC.replace("SQL", "stops > 2").replace("label: late", "label: origin = 'NYC'")
    text = text.replace("      origin: {}\n", "")
    assert told(diagnosed(text)) == [("MLC323", 24, 21, "'origin' is never 'NYC', by its contract")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("{sql: distance}", '{sql: "stops > 2"}', [("MLC324", 21, 7, "features 'distance' and 'extra' are the same")]),
        (
            '{sql: "distance + stops"}',
            "DISTANCE  +  stops",
            [("MLC324", 22, 7, "features 'extra' and 'other' are the same")],
        ),
        ('{sql: "distance + stops"}', "stops + distance", []),
        (
            "{aggregate: avg(distance), by: [origin], window: 7d}",
            "{aggregate: AVG(distance), by: origin, window: 168h}",
            [("MLC324", 22, 7, "features 'extra' and 'other' are the same")],
        ),
        (
            "{aggregate: avg(distance), by: [origin], window: 7d}",
            "{aggregate: avg(distance), by: origin, window: 8d}",
            [],
        ),
        (
            "{aggregate: avg(distance), by: [origin], window: 7d}",
            "{aggregate: avg(distance), by: origin, window: 7d, lag: 1d}",
            [],
        ),
        ("{sql: distance}", "3", [("MLC324", 21, 7, "features 'distance' and 'extra' are the same")]),
    ],
)
def test_feature_under_two_names_is_found(diagnosed: Diagnose, one: str, other: str, expected: list[Place]) -> None:
    """However it is written; windows differ by whose rows they look at, how far back and from when."""
    assert told(diagnosed(SPEC.replace('{sql: "SQL"}', f"{one}\n      other: {other}"))) == expected
