"""One step as a process of its own session, so that stopping it stops all that it started."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 5.0
"""Seconds between the request to stop and the end without asking."""


class StepProcess:
    """A running step; everything it prints goes to its log file."""

    def __init__(
        self, command: Sequence[str], *, folder: Path, log: Path, env: Mapping[str, str], inherit: Sequence[int] = ()
    ) -> None:
        import subprocess  # noqa: PLC0415  (a run in which nothing is stale starts none)

        self.log = log
        self.started = time.monotonic()
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(inherit),
            )

    def wait(self) -> int:
        """The exit code, once there is one."""
        return self._process.wait()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.started

    def ask_to_stop(self) -> None:
        """Interrupt the whole session, so that it can remove what is half-written."""
        self._signal(signal.SIGINT)

    def stop(self, deadline: float) -> None:
        """Wait until ``deadline`` (monotonic seconds), then end the whole session."""
        import subprocess  # noqa: PLC0415

        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # nothing of the session is left
            os.killpg(self._process.pid, number)


def last_lines(log: Path, count: int) -> list[str]:
    """The last ``count`` lines of a log that say something."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]
