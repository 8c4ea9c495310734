"""Ctrl-C and a polite kill as one event, so that no child is lost between two lines of code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_event() -> Iterator[threading.Event]:
    """An event that the signals to stop set while the block runs; children start with the default handlers."""
    event = threading.Event()
    before = [signal.signal(number, lambda _number, _frame: event.set()) for number in SIGNALS]
    try:
        yield event
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
