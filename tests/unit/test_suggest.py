"""Did you mean."""

from __future__ import annotations

import pytest

from mlopsc.suggest import certain, did_you_mean, suggest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("distanc", "distance"), ("late-arrival", "late_arrival"), ("DISTANCE", "distance"), ("zzz", None), ("", None)],
)
def test_suggest_finds_the_nearest_name(typed: str, meant: str | None) -> None:
    """Typos, other dashes and other case are found; a name that is like nothing is not."""
    assert suggest(typed, ["distance", "late_arrival", "origin"]) == meant


def test_suggest_does_not_depend_on_the_order_of_candidates() -> None:
    """The same suggestion whatever order a set is walked in."""
    assert suggest("colum", ["column", "columns"]) == suggest("colum", ["columns", "column"]) == "column"


def test_did_you_mean_is_a_question_or_nothing() -> None:
    """The help line of a diagnostic."""
    assert did_you_mean("orgin", ["origin"]) == "did you mean 'origin'?"
    assert did_you_mean("x", ["origin"]) is None


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("Distance", ["distance"], "distance"),
        ("roc-auc", ["roc_auc"], "roc_auc"),
        ("distanc", ["distance", "dest"], "distance"),
        ("disstance", ["distance"], "distance"),
        ("distnace", ["distance"], "distance"),
        ("dixtance", ["distance"], "distance"),
        ("dstnce", ["distance"], None),
        ("colum1", ["column1", "colum2"], None),
        ("max", ["min"], None),
        ("mix", ["min"], None),
    ],
)
def test_certain_is_one_slip_and_no_other_candidate(name: str, candidates: list[str], expected: str | None) -> None:
    """What may be replaced without asking: never a guess between two, never a short word."""
    assert certain(name, candidates) == expected
