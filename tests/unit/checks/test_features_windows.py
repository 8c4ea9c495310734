"""Windows that have no rows, and stores of them that are too old."""

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
            [("distance: {}", "n: {aggregate: count(*), by: [flight_id], window: 7d}\n      distance: {}")],
            [("MLC320", 19, 37, "window 'n' is always empty: no other row has the same 'flight_id'")],
        ),
        (
            [
                ("flight_id: {type: string, unique: true}", "flight_id: string"),
                ("distance: {}", "n: {aggregate: count(*), by: [flight_id], window: 7d}\n      distance: {}"),
            ],
            [],
        ),
        (
            [
                ("flight_id: {type: string, unique: true}", "flight_id: string"),
                ("distance: {}", "n: {aggregate: count(*), by: [flight_id], window: 7d}\n      distance: {}"),
                ("features:\n", "    checks: [{kind: duplicate_keys}]\nfeatures:\n"),
            ],
            [("MLC320", 20, 37, "window 'n' is always empty: no other row has the same 'flight_id'")],
        ),
    ],
    ids=["window by key", "window by plain key", "window by checked key"],
)
def test_window_by_what_no_two_rows_share_is_empty(
    diagnosed: Diagnose, changes: Changes, expected: list[Place]
) -> None:
    """Where the contract says so, and checks it."""
    assert told(diagnosed(changed(changes))) == expected


@pytest.mark.parametrize(
    ("refresh", "staleness", "expected"),
    [
        ("*/15 * * * *", "1h", None),
        ("*/15 * * * *", "10m", "refresh more often, or write: max_staleness: 30m"),
        ("0 * * * *", "1h", None),
        ("0 * * * *", "59m", "refresh more often, or write: max_staleness: 2h"),
        ("0 3 * * *", "23h", "refresh more often, or write: max_staleness: 2d"),
        ("0 3 * * *", "24h", None),
        ("0 3 * * 1", "1d", "refresh more often, or write: max_staleness: 14d"),
        ("0 */6 * * *", "5h", "refresh more often, or write: max_staleness: 12h"),
        ("0 */6 * * *", "6h", None),
        ("0 */5 * * *", "2h", "refresh more often, or write: max_staleness: 8h"),
        ("0 0,12 * * *", "2h", "refresh more often, or write: max_staleness: 1d"),
        ("0 3 * *", "1h", None),
        ("0 3 * * *", "broken", None),
    ],
)
def test_store_is_refreshed_before_it_is_stale(
    diagnosed: Diagnose, refresh: str, staleness: str, expected: str | None
) -> None:
    """Two refreshes lie at least so far apart as their schedule says for certain."""
    window = "      n: {aggregate: count(*), by: [carrier], window: 7d}\n      distance: {}"
    online = f'    online: {{refresh: "{refresh}", max_staleness: {staleness}}}\nmodels:\n'
    found = diagnosed(changed([("      distance: {}", window), ("models:\n", online)]))
    assert [one.help for one in found if one.code == "MLC321"] == ([expected] if expected else [])
