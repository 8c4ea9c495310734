"""What the template of the monitors target sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """One line of a crontab."""

    timezone: str
    cron: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrontabView:
    """Everything that runs on a schedule, where no CI does it."""

    lines: tuple[CronLine, ...]
