"""Splits, champions and labels at their edges."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]
Place = tuple[str, int, int, str]

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
TIMELESS = SPEC.replace("    time: departed_at\n", "")


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("split: {by: time}", []),
        ("split: {by: random}", []),
        ("split: {by: group, group: carrier}", []),
        ("split: {by: group, group: carier}", [("MLC203", 27, 31, "unknown column 'carier'")]),
        ("split: {group: carrier}", []),
        (
            "split: {validation: 60%, test: 40%}",
            [("MLC409", 27, 5, "validation and test take 100% of the rows, and none is left")],
        ),
        ("split: {validation: 60%, test: 39%}", []),
        ("split: {by: random, stratify: true}", []),
    ],
)
def test_split_needs_what_it_splits_by(diagnosed: Diagnose, rest: str, expected: list[Place]) -> None:
    """A time, a group that is a column, and rows that are left."""
    assert told(diagnosed(f"{SPEC}    {rest}\n")) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("split: {by: time}", [("MLC409", 26, 17, "'flights' has no time to split by")]),
        ("split: {by: random}", []),
        ("split: {}", []),
    ],
)
def test_split_of_rows_without_a_time_is_random(diagnosed: Diagnose, rest: str, expected: list[Place]) -> None:
    """Unless a time is asked for."""
    assert told(diagnosed(f"{TIMELESS}    {rest}\n")) == expected


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("registry: none", [("MLC411", 28, 35, "a gate compares with the champion, but the stack keeps no models")]),
        ("registry: mlflow", []),
        ("tracking: none", []),
    ],
)
def test_champion_needs_a_registry(diagnosed: Diagnose, stack: str, expected: list[Place]) -> None:
    """Which is there by default, and needs no tracking."""
    text = f"stack: {{{stack}}}\n{SPEC}    gates: [{{metric: roc_auc, vs: champion}}]\n"
    assert told(diagnosed(text)) == expected


@pytest.mark.parametrize("sql", ["arr_delay", "ARR_DELAY", "arr_delay + 0", "coalesce(arr_delay, 0)"])
def test_label_under_another_name_is_found(diagnosed: Diagnose, sql: str) -> None:
    """A feature that reads the column of the label gives it away, whatever it is called."""
    found = diagnosed(SPEC.replace("      extra: {}\n", f'      extra: {{}}\n      lateness: {{sql: "{sql}"}}\n'))
    assert told(found) == [
        (
            "MLC307",
            22,
            24 + sql.lower().index("arr_delay"),
            "feature 'lateness' of model 'late-arrival' gives the label away",
        )
    ]
