"""Parameters of estimators: given, and searched for."""

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
      carrier: string
      distance: float?
      late: boolean
models:
  late-arrival:
    label: late
    train:
      estimator: sklearn.ensemble.HistGradientBoostingClassifier
      params: PARAMS
    tune:
      trials: 3
      metric: roc_auc
      space: SPACE
"""
SPACE = "{max_depth: {int: [2, 9]}}"


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            "{learning_rate: -1}",
            [("MLC405", 17, 31, "'learning_rate' of 'HistGradientBoostingClassifier' does not take -1")],
        ),
        ("{max_iter: 0}", [("MLC405", 17, 26, "'max_iter' of 'HistGradientBoostingClassifier' does not take 0")]),
        ("{max_iter: 2.5}", [("MLC405", 17, 26, "'max_iter' of 'HistGradientBoostingClassifier' does not take 2.5")]),
        ("{max_depth: null}", []),
        ("{max_features: 0.5}", []),
        ("{class_weight: {true: 2.0}}", []),
        ("{interaction_cst: [[0, 1]]}", []),
        (
            "{random_state: -1}",
            [("MLC405", 17, 30, "'random_state' of 'HistGradientBoostingClassifier' does not take -1")],
        ),
        ("{max_bins: 256}", [("MLC405", 17, 26, "'max_bins' of 'HistGradientBoostingClassifier' does not take 256")]),
        ("{lerning: 0.1}", [("MLC405", 17, 16, "'HistGradientBoostingClassifier' has no parameter 'lerning'")]),
        (
            "{learning_rate: [0.1]}",
            [("MLC405", 17, 31, "'learning_rate' of 'HistGradientBoostingClassifier' does not take [0.1]")],
        ),
    ],
)
def test_given_value_is_one_that_the_library_takes(diagnosed: Diagnose, params: str, expected: list[Place]) -> None:
    """By kind, range and words; lists and mappings where it takes them."""
    assert told(diagnosed(SPEC.replace("PARAMS", params).replace("SPACE", SPACE))) == expected


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (
            "{learning_rate: {float: [0, 0.3]}}",
            [
                (
                    "MLC405",
                    21,
                    39,
                    "'learning_rate' of 'HistGradientBoostingClassifier' does not take 0.0, an end of the search",
                )
            ],
        ),
        ("{learning_rate: {float: [0.01, 0.3]}}", []),
        (
            "{max_iter: {float: [50, 200]}}",
            [
                (
                    "MLC405",
                    21,
                    26,
                    "'max_iter' of 'HistGradientBoostingClassifier' takes no fractions, and the search tries them",
                )
            ],
        ),
        (
            "{max_iter: {float: [50.5, 200]}}",
            [
                (
                    "MLC405",
                    21,
                    26,
                    "'max_iter' of 'HistGradientBoostingClassifier' takes no fractions, and the search tries them",
                )
            ],
        ),
        (
            "{max_leaf_nodes: {int: [1, 63]}}",
            [
                (
                    "MLC405",
                    21,
                    38,
                    "'max_leaf_nodes' of 'HistGradientBoostingClassifier' does not take 1, an end of the search",
                )
            ],
        ),
        (
            "{max_bins: {int: [10, 300]}}",
            [
                (
                    "MLC405",
                    21,
                    36,
                    "'max_bins' of 'HistGradientBoostingClassifier' does not take 300, an end of the search",
                )
            ],
        ),
        (
            "{early_stopping: {int: [0, 99]}}",
            [
                (
                    "MLC405",
                    21,
                    38,
                    "'early_stopping' of 'HistGradientBoostingClassifier' does not take 0, an end of the search",
                )
            ],
        ),
        (
            "{loss: {float: [0.1, 1]}}",
            [
                (
                    "MLC405",
                    21,
                    22,
                    "'loss' of 'HistGradientBoostingClassifier' takes no fractions, and the search tries them",
                )
            ],
        ),
        ("{max_features: {float: [0.1, 1]}}", []),
        (
            "{early_stopping: {choice: [auto, true, never]}}",
            [("MLC405", 21, 53, "'early_stopping' of 'HistGradientBoostingClassifier' does not take 'never'")],
        ),
        ("{max_iter: {int: [200, 50]}}", [("MLC405", 21, 15, "the range of 'max_iter' is empty: 200 is not below 50")]),
        ("{max_iter: {int: [broken, 50]}}", []),
        ("{max_iter: {choice: [100]}}", [("MLC418", 21, 26, "the search has nothing to choose for 'max_iter'")]),
        ("{max_iter: {choice: [100, 100]}}", [("MLC418", 21, 26, "the search has nothing to choose for 'max_iter'")]),
        ("{max_depth: {int: [2, 4]}}", []),
        (
            "{max_depth: {int: [2, 3]}}",
            [("MLC418", 19, 7, "3 trials search 2 combinations, so that some are trained again")],
        ),
        (
            "{max_depth: {choice: [2, 3]}, early_stopping: {choice: [true]}}",
            [("MLC418", 21, 61, "the search has nothing to choose for 'early_stopping'")],
        ),
        (
            "{max_depth: {choice: [{a: 1}, {a: 1}]}}",
            [
                ("MLC418", 21, 27, "the search has nothing to choose for 'max_depth'"),
                ("MLC405", 21, 36, "'max_depth' of 'HistGradientBoostingClassifier' does not take {'a': 1}"),
            ],
        ),
        ("{max_depth: {choice: [2, 3]}, x: broken}", []),
    ],
)
def test_search_stays_within_what_the_library_takes(diagnosed: Diagnose, space: str, expected: list[Place]) -> None:
    """Both ends of it, and each choice; and it has something to choose."""
    assert told(diagnosed(SPEC.replace("PARAMS", "{}").replace("SPACE", space))) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("{max_depth: 12}", [("MLC417", 17, 16, "'max_depth' is given as 12, which its search never tries")]),
        ("{max_depth: 9}", []),
        (
            "{max_depth: 10, max_iter: 50}",
            [("MLC417", 17, 16, "'max_depth' is given as 10, which its search never tries")],
        ),
        ("{max_depth: null}", []),
        (
            "{max_depth: broken}",
            [("MLC405", 17, 27, "'max_depth' of 'HistGradientBoostingClassifier' does not take 'broken'")],
        ),
    ],
)
def test_given_value_may_start_the_search_and_not_contradict_it(
    diagnosed: Diagnose, params: str, expected: list[Place]
) -> None:
    """A value that no trial can come upon is never used."""
    assert told(diagnosed(SPEC.replace("PARAMS", params).replace("SPACE", SPACE))) == expected


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ("1", "write: trials: 20, or leave 'tune' out"),
        ("8", None),
        ("9", "write: trials: 8"),
    ],
)
def test_trials_are_as_many_as_there_is_to_try(diagnosed: Diagnose, trials: str, expected: str | None) -> None:
    """One compares nothing; more than there are combinations repeat some."""
    text = SPEC.replace("PARAMS", "{}").replace("SPACE", SPACE).replace("trials: 3", f"trials: {trials}")
    assert [one.help for one in diagnosed(text)] == ([expected] if expected else [])


FIXES = [
    ("{max_iter: 200.0}", [("replace", "200.0", "value", 200)], "write: max_iter: 200"),
    ('{max_iter: "200"}', [("replace", '"200"', "value", 200)], "write: max_iter: 200"),
    ("{max_features: 1}", [("replace", "1", "value", 1.0)], "write: max_features: 1.0"),
    ('{early_stopping: "True"}', [("replace", '"True"', "value", True)], "write: early_stopping: true"),
    ("{early_stopping: atuo}", [("replace", "atuo", "value", "auto")], "write: early_stopping: auto"),
    ("{learning_rates: 0.1}", [("replace", "learning_rates", "key", "learning_rate")], "did you mean 'learning_rate'?"),
    ("{max_iter: 2.5}", [], "it takes a whole number of at least 1"),
    ("{max_depth: 99}", [("remove", "params", "key", None)], "remove 'max_depth' from params, or widen the search"),
]


@pytest.mark.parametrize(("params", "edits", "help_"), FIXES)
def test_fix_of_a_parameter_is_certain(
    diagnosed: Diagnose, written: Written, params: str, edits: list[object], help_: str
) -> None:
    """A value of the wrong kind that can mean one thing only, or a slip in a word."""
    text = SPEC.replace("PARAMS", params).replace("SPACE", SPACE)
    (found,) = diagnosed(text)
    assert [(fix.action, written(text, fix.span), fix.place, fix.value) for fix in found.fix] == edits
    assert found.help == help_


def test_fractions_of_a_whole_parameter_become_whole_numbers(diagnosed: Diagnose, written: Written) -> None:
    """Where both ends are whole, the kind of the search was meant to be int."""
    space = "{max_iter: {float: [50, 200]}}"
    text = SPEC.replace("PARAMS", "{}").replace("SPACE", space)
    (found,) = diagnosed(text)
    assert found.help == "write: int: [50, 200]"
    assert [(written(text, fix.span), fix.value) for fix in found.fix] == [("float", "int")]
