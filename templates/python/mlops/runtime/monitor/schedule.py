"""When a monitor looks: at the boundaries of its cron schedule, never at the time it happens to run.

CI starts scheduled jobs late, sometimes by an hour. A window that ended "now" would then move with the load of
somebody else's machines; one that ends at the last boundary is the same however late the job is, and again when
it runs twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from ..core.config import Monitor
from ..core.errors import StepError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of time in UTC, its end excluded."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


def boundaries(cron: str, timezone: str, at: datetime, count: int) -> list[datetime]:
    """The last ``count`` times at or before ``at`` when ``cron`` fires in ``timezone``; newest first, in UTC.

    Daylight saving is treated as Debian's cron does: a time that a clock skips fires right after the jump, and one
    that it shows twice fires once. StepError when the expression is not one.
    """
    after = at.astimezone(ZoneInfo(timezone)).replace(microsecond=0) + timedelta(seconds=1)  # `at` itself counts
    try:
        fired = [moment.astimezone(UTC) for moment in islice(CronSim(cron, after, reverse=True), count)]
    except CronSimError as error:
        message = f"the schedule '{cron}' is not a cron expression: {error}"
        raise StepError(message, "correct the monitor's schedule in mlops.yaml and compile again") from error
    if len(fired) < count:
        raise StepError(f"the schedule '{cron}' has fired fewer than {count} times", "correct the schedule")
    return fired


def windows(monitor: Monitor, at: datetime) -> list[Window]:
    """The windows that decide at ``at``, newest first: as many as ``breaches`` looks back on."""
    length = timedelta(seconds=monitor.window_seconds)
    ends = boundaries(monitor.cron, monitor.timezone, at, monitor.breaches[1])
    return [Window(start=end - length, end=end) for end in ends]
