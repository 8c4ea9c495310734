"""What the template of the monitors target sees."""

from __future__ import annotations

from ...records import record


@record
class CronLine:
    """One line of a crontab."""

    timezone: str
    cron: str
    command: str


@record
class CrontabView:
    """Everything that runs on a schedule, where no CI does it."""

    lines: tuple[CronLine, ...]
