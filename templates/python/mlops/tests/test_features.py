"""What DuckDB computes over a table, and what a request gets, are the same: for each feature, on any rows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from .agreement import Case, Row, cases, differences, rows

EXAMPLES = 100


@pytest.mark.parametrize("case", cases(), ids=str)
def test_feature_is_the_same_in_batch_and_online(case: Case) -> None:
    """Nulls, the largest numbers, empty and odd texts, leap days: hypothesis looks for a row on which they differ."""

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(rows(case))
    def agree(found: list[Row]) -> None:
        assert differences(case, found) == []  # noqa: S101  (pytest says what differs)

    agree()
