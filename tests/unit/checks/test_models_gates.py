"""Gates that contradict their metric, or decide nothing."""

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
      carrier: {type: string, max_distinct: 30}
      distance: float
      arr_delay: {type: float?, available_after: 1d}
models:
  late-arrival:
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
    evaluate:
      metrics: [roc_auc, log_loss, f1, brier_score, matthews_corrcoef]
      business:
        saved: {sql: "sum(case when prediction then distance else 0 end)"}
        missed: {sql: "count(*) filter (where actual and not prediction)", goal: minimize}
    gates:
      - GATES
"""


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        (
            "{metric: roc_auc, max: 0.9}",
            [("MLC412", 22, 27, "the gate on 'roc_auc' asks for at most 0.9, which turns good models away")],
        ),
        ("{metric: roc_auc, min: 0.7, max: 0.99}", []),
        ("{metric: roc_auc, min: 0.7}\n      - {metric: roc_auc, max: 0.99}", []),
        (
            "{metric: log_loss, min: 0.1}",
            [("MLC412", 22, 28, "the gate on 'log_loss' asks for at least 0.1, which turns good models away")],
        ),
        (
            "{metric: saved, max: 100}",
            [("MLC412", 22, 25, "the gate on 'saved' asks for at most 100, which turns good models away")],
        ),
        (
            "{metric: missed, min: 3}",
            [("MLC412", 22, 26, "the gate on 'missed' asks for at least 3, which turns good models away")],
        ),
        ("{metric: missed, max: 3}", []),
        ("{metric: roc_auc, max: broken}", []),
        ("{metric: rmse, min: 3}", [("MLC401", 22, 18, "metric 'rmse' does not fit binary-classification")]),
        (
            "{metric: accuracy, max: 3}",
            [
                ("MLC402", 22, 18, "gate on 'accuracy', which nothing computes"),
                ("MLC412", 22, 28, "the gate on 'accuracy' asks for at most 3, which turns good models away"),
            ],
        ),
        ("{metric: roc_auc, min: broken, max: 0.99}", []),
        ("{metric: roc_auc, max: 0.9}\n      - {metric: roc_auc, min: broken}", []),
    ],
)
def test_bound_against_the_metric_is_turned_round(diagnosed: Diagnose, gates: str, expected: list[Place]) -> None:
    """Only where nothing bounds the bad side, and nothing is broken or for another task."""
    assert told(diagnosed(SPEC.replace("GATES", gates))) == expected


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ("{metric: roc_auc, min: 0}", [("MLC413", 22, 27, "the gate on 'roc_auc' never fails")]),
        ("{metric: roc_auc, min: -0.0}", [("MLC413", 22, 27, "the gate on 'roc_auc' never fails")]),
        ("{metric: log_loss, max: 100}", []),
        ("{metric: brier_score, max: 1}", [("MLC413", 22, 31, "the gate on 'brier_score' never fails")]),
        ("{metric: roc_auc, min: 0, max: 1}", [("MLC413", 22, 27, "the gate on 'roc_auc' never fails")]),
        ("{metric: roc_auc, min: 0, max: 0.9}", []),
        ("{metric: matthews_corrcoef, min: 0}", []),
        ("{metric: matthews_corrcoef, min: -1}", [("MLC413", 22, 37, "the gate on 'matthews_corrcoef' never fails")]),
        ("{metric: saved, min: 0}", []),
        (
            "{metric: f1, vs: champion, min_delta: -1}",
            [("MLC413", 22, 36, "the comparison of 'f1' with the champion never fails")],
        ),
        ("{metric: f1, vs: champion, min_delta: -0.5}", []),
        ("{metric: log_loss, vs: champion, min_delta: -9}", []),
        ("{metric: saved, vs: champion, min_delta: -9}", []),
        ("{metric: roc_auc, min: 0, max: broken}", []),
    ],
)
def test_gate_that_never_fails_is_told_by_the_range_of_its_metric(
    diagnosed: Diagnose, gates: str, expected: list[Place]
) -> None:
    """Also where both bounds are too wide; a metric without an end has none to stand at."""
    assert told(diagnosed(SPEC.replace("GATES", gates))) == expected


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ("{metric: roc_auc, min: 1}", []),
        ("{metric: roc_auc, min: 1.2}", [("MLC414", 22, 27, "no model passes the gate on 'roc_auc'")]),
        ("{metric: roc_auc, min: 120}", [("MLC414", 22, 27, "no model passes the gate on 'roc_auc'")]),
        ("{metric: roc_auc, min: 75}", [("MLC414", 22, 27, "no model passes the gate on 'roc_auc'")]),
        ("{metric: log_loss, max: -0.1}", [("MLC414", 22, 28, "no model passes the gate on 'log_loss'")]),
        (
            "{metric: f1, vs: champion, min_delta: 1.5}",
            [("MLC414", 22, 36, "no model passes the comparison of 'f1' with the champion")],
        ),
        ("{metric: f1, vs: champion, min_delta: 1}", []),
        ("{latency_p95: 0ms}", [("MLC414", 22, 10, "no model passes the gate on 'latency_p95'")]),
        ("{model_size: 0MB}", [("MLC414", 22, 10, "no model passes the gate on 'model_size'")]),
        (
            "{metric: roc_auc, min: 0.9}\n      - {metric: roc_auc, max: 0.8}",
            [("MLC414", 23, 27, "no model passes both gates on 'roc_auc': min 0.9 is above max 0.8")],
        ),
        (
            "{metric: roc_auc, max: 0.8}\n      - {metric: roc_auc, min: 0.9}",
            [("MLC414", 23, 27, "no model passes both gates on 'roc_auc': min 0.9 is above max 0.8")],
        ),
        (
            "{metric: roc_auc, min: 0.9}\n      - {metric: roc_auc, slice: carrier, max: 0.8}",
            [("MLC412", 23, 43, "the gate on 'roc_auc' asks for at most 0.8, which turns good models away")],
        ),
        ("{metric: roc_auc, min: 0.9, max: 0.8}", [("MLC402", 22, 27, "no model passes: min 0.9 is above max 0.8")]),
    ],
)
def test_gate_that_never_passes_is_told_by_the_range_of_its_metric(
    diagnosed: Diagnose, gates: str, expected: list[Place]
) -> None:
    """And by another gate on the same figure."""
    assert told(diagnosed(SPEC.replace("GATES", gates))) == expected


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        (
            "{metric: roc_auc, min: 0.7}\n      - {metric: roc_auc, min: 0.7}",
            [("MLC424", 23, 9, "a gate on 'roc_auc' never decides: another asks for the same")],
        ),
        (
            "{metric: roc_auc, min: 0.8}\n      - {metric: roc_auc, min: 0.7}",
            [("MLC424", 23, 9, "a gate on 'roc_auc' never decides: another asks for more")],
        ),
        (
            "{metric: roc_auc, min: 0.7}\n      - {metric: roc_auc, min: 0.8}\n      - {metric: roc_auc, min: 0.75}",
            [("MLC424", 22, 9, "a gate on 'roc_auc' never decides: another asks for more")],
        ),
        (
            "{metric: log_loss, max: 0.7}\n      - {metric: log_loss, max: 0.8}",
            [("MLC424", 23, 9, "a gate on 'log_loss' never decides: another asks for more")],
        ),
        ("{metric: roc_auc, min: 0.7}\n      - {metric: roc_auc, min: 0.8, min_rows: 100}", []),
        ("{metric: roc_auc, min: 0.7}\n      - {metric: roc_auc, min: 0.6, slice: carrier}", []),
        (
            "{latency_p95: 20ms}\n      - {latency_p95: 10ms}",
            [("MLC424", 22, 9, "a gate on 'latency_p95' never decides: another asks for more")],
        ),
        (
            "{metric: f1, vs: champion}\n      - {metric: f1, vs: champion, min_delta: -0.1}",
            [("MLC424", 23, 9, "a gate on 'f1' never decides: another asks for more")],
        ),
        ("{metric: roc_auc, min: 0.7, max: 0.99}\n      - {metric: roc_auc, min: 0.6}", []),
        (
            "{metric: roc_auc, min: 0}\n      - {metric: roc_auc, min: 0.0}",
            [
                ("MLC413", 22, 27, "the gate on 'roc_auc' never fails"),
                ("MLC424", 23, 9, "a gate on 'roc_auc' never decides: another asks for the same"),
            ],
        ),
        ("{metric: roc_auc, min: broken}\n      - {metric: roc_auc, min: 0.7}", []),
    ],
)
def test_gate_that_another_one_covers_is_named_once(diagnosed: Diagnose, gates: str, expected: list[Place]) -> None:
    """The weaker one, unless it differs in more than its bound."""
    assert told(diagnosed(SPEC.replace("GATES", gates))) == expected


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ("{metric: roc_auc, slice: carrier, min: 0.7}", []),
        (
            "{metric: saved, slice: carrier, min: 7}",
            [("MLC415", 22, 32, "the business metric 'saved' is not computed on slices")],
        ),
        (
            "{metric: roc_auc, slice: carrier, vs: champion}",
            [("MLC415", 22, 27, "a comparison with the champion does not look at slices of 'carrier'")],
        ),
        ("{metric: roc_auc, slice: carier, min: 0.7}", [("MLC203", 22, 34, "unknown column 'carier'")]),
        (
            "{metric: roc_auc, slice: distance, min: 0.7}",
            [("MLC416", 22, 34, "'distance' has too many values to be a slice")],
        ),
        (
            "{metric: roc_auc, slice: flight_id, min: 0.7}",
            [("MLC416", 22, 34, "'flight_id' has too many values to be a slice")],
        ),
        (
            "{metric: roc_auc, slice: departed_at, min: 0.7}",
            [("MLC416", 22, 34, "'departed_at' has too many values to be a slice")],
        ),
        ("{metric: roc_auc, slice: 3, min: 0.7}", []),
    ],
)
def test_slice_of_a_gate_is_one_that_is_measured(diagnosed: Diagnose, gates: str, expected: list[Place]) -> None:
    """By a built-in metric, alone, and with few enough values."""
    assert told(diagnosed(SPEC.replace("GATES", gates))) == expected


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("{threshold: {minimize: f1}}", [("MLC412", 21, 28, "the threshold is chosen for the worst 'f1'")]),
        ("{threshold: {minimize: saved}}", [("MLC412", 21, 28, "the threshold is chosen for the worst 'saved'")]),
        ("{threshold: {maximize: missed}}", [("MLC412", 21, 28, "the threshold is chosen for the worst 'missed'")]),
        ("{threshold: {maximize: missing}}", [("MLC205", 21, 38, "unknown metric 'missing'")]),
        (
            "{threshold: {minimize: roc_auc}}",
            [("MLC408", 21, 38, "no threshold changes 'roc_auc', which judges scores")],
        ),
        (
            "{threshold: 0}",
            [("MLC408", 21, 27, "model 'late-arrival' says yes to every row: each score is at least 0")],
        ),
        (
            "{threshold: 0%}",
            [("MLC408", 21, 27, "model 'late-arrival' says yes to every row: each score is at least 0")],
        ),
        ("{threshold: 1}", []),
        ("{threshold: 0.01}", []),
        ("{threshold: 2}", []),
    ],
)
def test_threshold_is_searched_for_in_the_better_direction(
    diagnosed: Diagnose, decision: str, expected: list[Place]
) -> None:
    """A threshold of nothing says yes to all; one that no metric of scores changes is another mistake."""
    assert told(diagnosed(SPEC.replace("    gates:\n      - GATES\n", f"    decision: {decision}\n"))) == expected


SLICES = [
    ("slices: [carrier]", "slice: distance", "slices: [carrier, distance]"),
    ("slices: [carrier, flight_id]", "slice: distance", "slices: [carrier, flight_id, distance]"),
]


@pytest.mark.parametrize(("listed", "asked", "mended"), SLICES)
def test_slice_that_is_not_listed_is_added(diagnosed: Diagnose, listed: str, asked: str, mended: str) -> None:
    """The help is the whole list."""
    text = SPEC.replace("      business:\n", f"      {listed}\n      business:\n")
    found = diagnosed(text.replace("GATES", f"{{metric: roc_auc, {asked}, min: 0.7}}"))
    assert [one.help for one in found if one.code == "MLC415"] == [f"add it: {mended}"]


FIXES = [
    ("{metric: log_loss, min: 0.4}", "MLC412", [("replace", "min", "max")]),
    ("{metric: missed, min: 4}", "MLC412", [("replace", "min", "max")]),
    ("{latency_p95: 20ms}\n      - {latency_p95: 10ms}", "MLC424", [("remove", "{latency_p95: 20ms}", None)]),
]


@pytest.mark.parametrize(("gates", "code", "edits"), FIXES)
def test_fix_of_a_gate_is_certain(
    diagnosed: Diagnose, written: Written, gates: str, code: str, edits: list[tuple[str, str, str | None]]
) -> None:
    """Another key, or one gate less."""
    text = SPEC.replace("GATES", gates)
    (found,) = (one for one in diagnosed(text) if one.code == code)
    assert [(fix.action, written(text, fix.span), fix.value) for fix in found.fix] == edits
