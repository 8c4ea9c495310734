"""Ctrl-C and polite kills: the command unwinds, so that nothing half-done is left, and ends with 128 + the signal."""

from __future__ import annotations

import signal
from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(BaseException):
    """A signal asked the command to stop; no handler of ordinary errors catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What shells expect of a process that a signal ended: 130 for Ctrl-C, 143 for a polite kill."""
        return 128 + self.number

    def __str__(self) -> str:
        return (
            f"stopped by {signal.Signals(self.number).name}; every file is old or new, none is half-written\n"
            "  help: run the same command again"
        )


def stop_on_signals() -> None:
    """Raise Stopped on a signal to stop; signals that the caller had ignored (nohup, background jobs) stay ignored."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    raise Stopped(number)
