"""Run steps side by side as far as they do not wait for one another, and only those that have to."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ..records import record
from .cache import Cache, Key
from .process import PATIENCE, StepProcess, last_lines
from .steps import RunStep, Selection

GATE_FAILED = 5
TICK = 0.1
"""Seconds between two looks at the running steps."""


class Status(StrEnum):
    """How a step ended."""

    DONE = "done"
    CACHED = "cached"
    FAILED = "failed"
    GATE = "gate failed"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"


GOOD = frozenset({Status.DONE, Status.CACHED})


@record
class Result:
    """One step at its end; ``said`` is its last line, ``log`` the file with all of them."""

    step: RunStep
    status: Status
    seconds: float = 0.0
    said: str = ""
    log: Path | None = None
    exit_code: int | None = None


class Listener(Protocol):
    """Who is told how it goes."""

    def ended(self, result: Result) -> None:
        """A step ended, or was found to be current."""

    def running(self, steps: Mapping[str, float], ended: int, total: int) -> None:
        """What runs now, with its seconds."""


@record
class Surroundings:
    """Where and with what the steps run; ``inherit`` are file descriptors that live as long as any step."""

    project: Path
    python: str
    logs: Path
    env: Mapping[str, str]
    inherit: tuple[int, ...] = ()


class Schedule:
    """One run of a selection of steps."""

    def __init__(self, selection: Selection, cache: Cache, around: Surroundings, listener: Listener) -> None:
        self._steps = {step.id: step for step in selection.steps}
        self._forced = selection.forced
        self._cache = cache
        self._around = around
        self._listener = listener
        self._results: dict[str, Result] = {}
        self._running: dict[str, StepProcess] = {}
        self._keys: dict[str, Key] = {}
        self._ends: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()

    def run(self, jobs: int, stop: threading.Event) -> tuple[Result, ...]:
        """Run until nothing is left, at most ``jobs`` steps at a time, or until ``stop`` is set."""
        while len(self._results) < len(self._steps) and not stop.is_set():
            self._start_ready(jobs, stop)
            if self._running:
                self._wait(stop)
        if stop.is_set():
            self._stop()
        return tuple(self._results[step_id] for step_id in self._steps)

    def _start_ready(self, jobs: int, stop: threading.Event) -> None:
        """Settle everything that needs no process, and start what does while there is room."""
        progress = True
        while progress and not stop.is_set():
            progress = False
            for step in self._waiting():
                needs = [self._results.get(need) for need in step.needs if need in self._steps]
                if any(need is not None and need.status not in GOOD for need in needs):
                    self._end(Result(step=step, status=Status.SKIPPED))
                    progress = True
                elif all(needs) and len(self._running) < jobs:
                    self._begin(step)
                    progress = True

    def _waiting(self) -> Sequence[RunStep]:
        return [s for s in self._steps.values() if s.id not in self._results and s.id not in self._running]

    def _begin(self, step: RunStep) -> None:
        key = self._cache.key(step, self._around.env)
        record = None if step.id in self._forced else self._cache.current(step, key)
        if record is not None:
            self._end(Result(step=step, status=Status.CACHED, seconds=record.seconds, said=record.said))
            return
        self._cache.drop(step)
        self._keys[step.id] = key
        process = StepProcess(
            [self._around.python, "-m", "mlops", step.model, step.name],
            folder=self._around.project,
            log=self._around.logs / f"{step.model}--{step.name}.log",
            env=self._around.env,
            inherit=self._around.inherit,
        )
        self._running[step.id] = process
        threading.Thread(target=self._watch, args=(step.id, process), daemon=True).start()

    def _watch(self, step_id: str, process: StepProcess) -> None:
        self._ends.put((step_id, process.wait()))

    def _wait(self, stop: threading.Event) -> None:
        """Wait for the next end, telling the listener now and then what runs."""
        while not stop.is_set():
            seconds = {step_id: process.seconds for step_id, process in self._running.items()}
            self._listener.running(seconds, len(self._results), len(self._steps))
            try:
                step_id, code = self._ends.get(timeout=TICK)
            except queue.Empty:
                continue
            self._finish(step_id, code)
            return

    def _finish(self, step_id: str, code: int) -> None:
        step, process = self._steps[step_id], self._running.pop(step_id)
        said = next(iter(last_lines(process.log, 1)), "")
        status = {0: Status.DONE, GATE_FAILED: Status.GATE}.get(code, Status.FAILED)
        self._cache.look_again()
        if status is Status.DONE and self._cache.key(step, self._around.env) == self._keys[step_id]:
            self._cache.keep(step, self._keys[step_id], seconds=process.seconds, said=said)
        seconds = process.seconds
        self._end(Result(step=step, status=status, seconds=seconds, said=said, log=process.log, exit_code=code))

    def _end(self, result: Result) -> None:
        self._results[result.step.id] = result
        self._listener.ended(result)

    def _stop(self) -> None:
        """End every child and everything that it started; what was not done stays not done."""
        for process in self._running.values():
            process.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            process.stop(deadline)
        for step in self._steps.values():
            if step.id not in self._results:
                running = self._running.get(step.id)
                log = running.log if running else None
                self._end(Result(step=step, status=Status.INTERRUPTED, log=log))


def default_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the steps: this one, with output that is not held back and no telemetry."""
    quiet = {"PYTHONUNBUFFERED": "1", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    return {**quiet, **environ} if sys.platform != "win32" else {**quiet, **environ, "PYTHONUTF8": "1"}
