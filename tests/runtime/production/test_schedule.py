"""The windows of a monitor end where its schedule fired, however late the job runs."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module

import pytest

schedule = import_module("mlopsc.templates.python.mlops.runtime.monitor.schedule")
config = import_module("mlopsc.templates.python.mlops.runtime.core.config")
errors = import_module("mlopsc.templates.python.mlops.runtime.core.errors")


def fired(cron: str, timezone: str, at: str, count: int = 1) -> list[str]:
    """The last boundaries as text."""
    moments = schedule.boundaries(cron, timezone, datetime.fromisoformat(at), count)
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in moments]


def test_boundary_is_the_last_time_that_fired() -> None:
    """A job that starts 59 minutes late looks at the same window as one that is on time."""
    assert fired("0 6 * * *", "UTC", "2013-12-02T06:59:13+00:00") == ["2013-12-02 06:00"]
    assert fired("0 6 * * *", "UTC", "2013-12-02T05:59:59.999999+00:00") == ["2013-12-01 06:00"]


def test_boundary_at_the_very_moment_counts() -> None:
    """A job that runs at the second of its schedule looks at the window that just ended."""
    assert fired("0 6 * * *", "UTC", "2013-12-02T06:00:00+00:00") == ["2013-12-02 06:00"]


def test_boundaries_are_counted_back_from_the_newest() -> None:
    """As many as asked for, newest first."""
    assert fired("30 6 * * 1", "UTC", "2013-12-04T00:00:00+00:00", 3) == [
        "2013-12-02 06:30",
        "2013-11-25 06:30",
        "2013-11-18 06:30",
    ]


def test_boundary_is_in_the_timezone_of_the_schedule() -> None:
    """Six in New York is eleven in UTC in winter and ten in summer."""
    assert fired("0 6 * * *", "America/New_York", "2013-12-02T12:00:00+00:00") == ["2013-12-02 11:00"]
    assert fired("0 6 * * *", "America/New_York", "2013-07-02T12:00:00+00:00") == ["2013-07-02 10:00"]


def test_boundary_that_a_clock_skips_fires_after_the_jump() -> None:
    """On 10 March 2013 there was no 02:30 in New York: the job runs at 03:00 (07:00 UTC)."""
    assert fired("30 2 * * *", "America/New_York", "2013-03-10T12:00:00+00:00", 2) == [
        "2013-03-10 07:00",
        "2013-03-09 07:30",
    ]


def test_boundary_that_a_clock_shows_twice_fires_once() -> None:
    """On 3 November 2013 there were two 01:30 in New York."""
    assert fired("30 1 * * *", "America/New_York", "2013-11-03T12:00:00+00:00", 2) == [
        "2013-11-03 05:30",
        "2013-11-02 05:30",
    ]


def test_windows_are_as_many_as_the_breaches_look_back_on() -> None:
    """'2 of 3' needs three windows, each as long as the spec says."""
    monitor = config.Monitor(
        name="drift",
        model="late-arrival",
        kind="data-drift",
        cron="0 0 * * *",
        timezone="UTC",
        window_seconds=7 * 86400,
        on_breach=[],
        breaches=[2, 3],
    )
    assert [str(window) for window in schedule.windows(monitor, datetime(2013, 12, 9, 3, tzinfo=UTC))] == [
        "2013-12-02 00:00 to 2013-12-09 00:00 UTC",
        "2013-12-01 00:00 to 2013-12-08 00:00 UTC",
        "2013-11-30 00:00 to 2013-12-07 00:00 UTC",
    ]


def test_schedule_that_is_no_cron_is_an_error() -> None:
    """The message names the expression."""
    with pytest.raises(errors.StepError) as raised:
        fired("61 * * * *", "UTC", "2013-12-02T06:00:00+00:00")
    assert raised.value.message == "the schedule '61 * * * *' is not a cron expression: Bad minute"
