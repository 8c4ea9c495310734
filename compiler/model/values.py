"""The small values of a spec: durations, schedules, SQL texts, and the placeholder for what is invalid."""

from __future__ import annotations

from typing import TypeGuard, TypeVar

from ..records import record
from ..source import YamlPath

T = TypeVar("T")


@record
class Invalid:
    """Stands where a definition could not be built; the structure error is already reported, so checks keep silent."""

    path: YamlPath


def is_valid(value: T | Invalid) -> TypeGuard[T]:
    """Whether ``value`` was built."""
    return not isinstance(value, Invalid)


def valid_items(mapping: dict[str, T | Invalid]) -> list[tuple[str, T]]:
    """The definitions that were built, in the order of the spec."""
    return [(name, value) for name, value in mapping.items() if is_valid(value)]


@record
class Duration:
    """A span of time, such as ``7d``."""

    seconds: int
    text: str


@record
class Schedule:
    """A cron expression of five fields in a time zone."""

    cron: str
    timezone: str
    path: YamlPath


@record
class Sql:
    """An SQL text and where it stands."""

    text: str
    path: YamlPath


@record
class Reference:
    """A name that stands for something defined elsewhere."""

    name: str
    path: YamlPath
