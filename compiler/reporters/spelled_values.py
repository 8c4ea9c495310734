"""The small values of a spec as they are written: durations, shares, sizes, schedules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model.values import Duration, Reference, Schedule
from .yaml_text import Leaf

_NOTHING = object()
_SIZES = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))


def leaf(value: Any, default: Any = _NOTHING) -> Leaf | None:
    """The value, marked where it is the default; None where there is none."""
    return None if value is None else Leaf(value=value, default=default is not _NOTHING and value == default)


def given(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree without what nobody said and nothing stands for."""
    return {key: value for key, value in tree.items() if value is not None}


def names(references: Iterable[Reference]) -> list[str]:
    """The names as a list."""
    return [reference.name for reference in references]


def name(reference: Reference | None) -> Leaf | None:
    """The name, where there is one."""
    return None if reference is None else Leaf(value=reference.name)


def duration(value: Duration | None, default: str | None = None) -> Leaf | None:
    """The duration as it was written."""
    return None if value is None else Leaf(value=value.text, default=value.text == default)


def latency(seconds: float | None) -> Leaf | None:
    """Milliseconds, as ``20ms``."""
    return None if seconds is None else Leaf(value=f"{round(seconds * 1000, 6):g}ms")


def share(fraction: float) -> str | float:
    """A fraction as a percentage, where that reads back as the same number; else as it is."""
    percent = f"{round(fraction * 100, 9):.9f}".rstrip("0").rstrip(".")
    return f"{percent}%" if float(percent) / 100 == fraction else fraction


def size(number: float | None) -> Leaf | None:
    """Bytes in the largest unit that leaves no more than six decimals."""
    if number is None:
        return None
    for unit, factor in _SIZES:
        if number >= factor and number % factor == 0:
            return Leaf(value=f"{number / factor:g}{unit}")
    return Leaf(value=f"{number:.0f}B")


def schedule(value: Schedule | None) -> dict[str, Any] | None:
    """The cron expression and its time zone."""
    if value is None:
        return None
    return {"cron": Leaf(value=value.cron), "timezone": leaf(value.timezone, "UTC")}
