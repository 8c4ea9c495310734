"""Cron expressions of five fields."""

from __future__ import annotations

import pytest

from mlopsc.checks.cron import problem


@pytest.mark.parametrize(
    "cron", ["0 6 * * *", "*/15 * * * *", "30 2 1,15 jan-mar MON", "0 0 29 2 *", "5/10 0-6/2 * * 7"]
)
def test_cron_is_accepted(cron: str) -> None:
    """Names, lists, ranges and steps."""
    assert problem(cron) is None


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 6 *\n* *", "its fields are separated by spaces, and written in ASCII"),
        ("\u00b2 6 * * *", "its fields are separated by spaces, and written in ASCII"),
        ("0 6 * *", "it has 4 fields, not five: minute hour day month weekday"),
        ("@daily", "it has 1 field, not five: minute hour day month weekday"),
        ("60 * * * *", "'60' is no minute, which goes from 0 to 59"),
        ("0 6 * * mond", "'mond' is no day of the week, which goes from 0 to 7"),
        ("0 9-5 * * *", "'9-5' goes backwards"),
        ("*/0 * * * *", "'*/0' has a step of zero"),
        ("0 0 31 2 *", "no such month has that day"),
        ("0 ? * * *", "'?' is no hour"),
    ],
)
def test_cron_is_refused_with_a_reason(cron: str, message: str) -> None:
    """The field and what it takes."""
    assert problem(cron) == message
