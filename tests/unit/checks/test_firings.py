"""When schedules fire, compared with an independent reading of cron."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from mlopsc.checks.firings import BEGIN, DAYS, firings, gaps, meet, most_in_a_week

CRONS = ("0 6 * * *", "*/15 3-5 * * 1-5", "30 2 1,15 * MON", "5 0 31 * *", "0 0 */2 * 7", "59 23 * feb *", "0 1 29 2 *")


def expected(cron: str, zone: str) -> set[datetime]:
    """Every firing within the year, as cronsim says."""
    begin = datetime.combine(BEGIN, datetime.min.time(), tzinfo=ZoneInfo(zone))
    end = begin + timedelta(days=DAYS)
    moments = CronSim(cron, begin - timedelta(seconds=1))
    found: set[datetime] = set()
    for moment in moments:
        if moment >= end:
            return found
        found.add(moment.astimezone(UTC))
    raise AssertionError


def computed(cron: str, zone: str) -> set[datetime]:
    """The same from the bits."""
    first = datetime.combine(BEGIN, datetime.min.time(), tzinfo=UTC) - timedelta(days=1)
    return {
        first + timedelta(days=day, minutes=minute)
        for minute, days in firings(cron, zone).items()
        for day in range(DAYS + 2)
        if days >> day & 1
    }


@pytest.mark.parametrize("cron", CRONS)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Pacific/Auckland"])
def test_firings_are_those_of_cronsim(cron: str, zone: str) -> None:
    """Day by day and minute by minute, but for the hours around a change of the clock."""
    different = expected(cron, zone) ^ computed(cron, zone)
    changes = {datetime(2024, 4, 7, tzinfo=UTC), datetime(2024, 9, 29, tzinfo=UTC)}
    assert all(any(abs(moment - change) < timedelta(hours=36) for change in changes) for moment in different)
    assert zone == "Pacific/Auckland" or not different


@pytest.mark.parametrize(
    ("cron", "minutes"),
    [
        ("0 6 * * *", (1440, 1440)),
        ("*/15 * * * *", (15, 15)),
        ("0,58 6 * * *", (58, 1382)),
        ("0 6 * * 1-5", (1440, 3 * 1440)),
        ("0 6 1 * *", (29 * 1440, 31 * 1440)),
        ("0 0 29 2 *", None),
        ("0 25 * * *", None),
    ],
)
def test_gaps_are_the_fewest_and_the_most_minutes(cron: str, minutes: tuple[int, int] | None) -> None:
    """Also over midnight, weekends and months; none where it fires once a year or never."""
    assert gaps(cron) == minutes


@pytest.mark.parametrize(
    ("cron", "times"), [("0 2 * * *", 7), ("0 2 * * 1,4", 2), ("0 0 1 * *", 1), ("0 */6 * * *", 28)]
)
def test_week_counts_its_firings(cron: str, times: int) -> None:
    """The busiest seven days of the year."""
    assert most_in_a_week(cron) == times


@pytest.mark.parametrize(
    ("one", "other", "expected_to"),
    [
        (("0 6 * * *", "UTC"), ("0 6 1 * *", "UTC"), True),
        (("0 6 * * 1", "UTC"), ("0 6 * * 2", "UTC"), False),
        (("0 6 * * *", "America/New_York"), ("0 10 * * *", "UTC"), True),  # in summer
        (("0 6 * * *", "America/New_York"), ("0 12 * * *", "UTC"), False),
        (("30 23 * * 0", "UTC"), ("0 5 * * 1", "Asia/Kolkata"), True),
        (("0 6 * * *", "Nowhere/Else"), ("0 6 * * *", "UTC"), False),
    ],
)
def test_schedules_meet_at_a_minute_of_a_day(
    one: tuple[str, str],
    other: tuple[str, str],
    expected_to: bool,  # noqa: FBT001  (a column of a table)
) -> None:
    """In any season, across midnight, and never where a zone is unknown."""
    assert meet(firings(*one), firings(*other)) is expected_to


def test_a_thousand_schedules_are_quick() -> None:
    """CPU time, so that a busy machine does not matter; far above what it takes."""
    begin = time.process_time()
    for number in range(1000):
        cron = f"{number % 60} {number % 24} * * {number % 7}"
        assert gaps(cron) == (7 * 1440, 7 * 1440)
        assert len(firings(cron, "UTC")) == 1
    assert time.process_time() - begin < 2
