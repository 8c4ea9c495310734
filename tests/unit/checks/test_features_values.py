"""Features, labels and weights that say nothing of a row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]
Place = tuple[str, int, int, str]
Changes = list[tuple[str, str]]

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: departed_at
    columns:
      flight_id: {type: string, unique: true}
      departed_at: timestamp
      carrier: string
      distance: float
      seats: {type: integer, min: 0, nullable: true}
      extra: float?
      arr_delay: {type: float?, available_after: 1d}
features:
  basics:
    from: flights
    columns:
      carrier: {}
      distance: {}
      seats: {}
      extra: {}
models:
  late-arrival:
    features: [basics]
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""


def changed(changes: Changes) -> str:
    """The spec with some of its words exchanged."""
    text = SPEC
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("distance: {}", 'distance: {sql: "1"}')],
            [("MLC318", 19, 23, "feature 'distance' is the same in every row")],
        ),
        (
            [("distance: {}", 'distance: {sql: "null"}')],
            [("MLC305", 19, 23, "the type of feature 'distance' is not known")],
        ),
        (
            [("distance: float", "distance: {type: float, min: 1, max: 1}")],
            [("MLC318", 19, 7, "feature 'distance' is the same in every row")],
        ),
        ([("distance: float", "distance: {type: float?, allowed: [1]}")], []),
        (
            [("distance: float", "distance: {type: float, allowed: [1]}")],
            [("MLC318", 19, 7, "feature 'distance' is the same in every row")],
        ),
        (
            [("arr_delay > 15", "1 > 0")],
            [("MLC318", 25, 12, "the label of model 'late-arrival' is the same in every row")],
        ),
        ([("distance: {}", "n: {aggregate: count(*), by: [carrier], window: 7d}\n      distance: {}")], []),
    ],
    ids=[
        "constant",
        "constant null",
        "constant column",
        "constant nullable",
        "constant allowed",
        "constant label",
        "count window",
    ],
)
def test_constant_is_found(diagnosed: Diagnose, changes: Changes, expected: list[Place]) -> None:
    """By its SQL or by its contract; a column that may be null has two values."""
    assert told(diagnosed(changed(changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("carrier: {}", "carrier: {}\n      flight_id: {}")],
            [("MLC319", 19, 7, "feature 'flight_id' names the row that it should describe")],
        ),
        (
            [("carrier: {}", "carrier: {}\n      who: flight_id")],
            [("MLC319", 19, 7, "feature 'who' names the row that it should describe")],
        ),
        ([("carrier: {}", "carrier: {}\n      who: upper(flight_id)")], []),
        (
            [
                ("key: flight_id", "key: [flight_id, carrier]"),
                ("flight_id: {type: string, unique: true}", "flight_id: string"),
            ],
            [],
        ),
        (
            [
                ("flight_id: {type: string, unique: true}", "flight_id: string"),
                ("carrier: {}", "carrier: {}\n      flight_id: {}"),
            ],
            [("MLC319", 19, 7, "feature 'flight_id' names the row that it should describe")],
        ),
    ],
    ids=["key", "key sql", "key upper", "key of two", "key alone"],
)
def test_key_among_the_features_is_found(diagnosed: Diagnose, changes: Changes, expected: list[Place]) -> None:
    """Passed on as it is, and alone; what is computed from it may tell something."""
    assert told(diagnosed(changed(changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("HistGradientBoostingClassifier}\n", "HistGradientBoostingClassifier, sample_weight: seats}\n")],
            [("MLC322", 26, 88, "the sample weight of 'late-arrival' may be null, and such rows count for nothing")],
        ),
        (
            [
                (
                    "HistGradientBoostingClassifier}\n",
                    "HistGradientBoostingClassifier, sample_weight: \"case when carrier = 'a' then -1 else 1 end\"}\n",
                )
            ],
            [("MLC322", 26, 88, "the sample weight of 'late-arrival' may be -1")],
        ),
        (
            [
                ("seats: {type: integer, min: 0, nullable: true}", "seats: {type: integer, min: -1}"),
                ("HistGradientBoostingClassifier}\n", "HistGradientBoostingClassifier, sample_weight: seats}\n"),
            ],
            [("MLC322", 26, 88, "the sample weight of 'late-arrival' may be -1")],
        ),
        (
            [("HistGradientBoostingClassifier}\n", 'HistGradientBoostingClassifier, sample_weight: "1 + distance"}\n')],
            [],
        ),
        (
            [("HistGradientBoostingClassifier}\n", "HistGradientBoostingClassifier, sample_weight: carrier}\n")],
            [("MLC312", 26, 88, "the sample weight of 'late-arrival' should be a number, but is a string")],
        ),
        (
            [("HistGradientBoostingClassifier}\n", 'HistGradientBoostingClassifier, sample_weight: "distance > 1"}\n')],
            [],
        ),
    ],
    ids=["weight null", "weight neg", "weight neg col", "weight fine", "weight string", "weight bool"],
)
def test_sample_weight_is_a_number_above_zero(diagnosed: Diagnose, changes: Changes, expected: list[Place]) -> None:
    """Never null, never below zero as far as the contract tells."""
    assert told(diagnosed(changed(changes))) == expected


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("seats", "write: coalesce(seats, 1)"),
        ("-1", "write: greatest(-1, 0)"),
        ("case when distance > 1 then -2 else 1 end", "write: greatest(case when distance > 1 then -2 else 1 end, 0)"),
    ],
)
def test_sample_weight_is_mended_by_sql(diagnosed: Diagnose, weight: str, expected: str) -> None:
    """The help is the whole expression."""
    text = changed(
        [("HistGradientBoostingClassifier}", f'HistGradientBoostingClassifier, sample_weight: "{weight}"}}')]
    )
    assert [one.help for one in diagnosed(text)] == [expected]
