"""Did you mean."""

from __future__ import annotations

import pytest

from mlopsc.suggest import did_you_mean, suggest


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
