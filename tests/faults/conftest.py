"""The figures of the faults that were injected, printed at the end of a run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PREFIX = "faults: "


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of syncs of a disk take minutes."""
    memory = Path("/dev/shm")  # noqa: S108  (a folder of its own is made in it)
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="mlopsc-faults-") as name:
        yield Path(name)


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Add to the figures that are printed at the end of the run."""
    return lambda what, number: record_property(f"{PREFIX}{what}", number)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much was injected, in all processes of the run."""
    figures: dict[str, int] = {}
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties if report.when == "call" else ():
            if what.startswith(PREFIX):
                figures[what] = figures.get(what, 0) + number
    for what, number in sorted(figures.items()):
        terminalreporter.write_line(f"{number:7,} {what.removeprefix(PREFIX)}")
