"""A run of compiled steps, from the files on disk to the results."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..diagnostics import MlopscError
from ..records import record
from .cache import Cache
from .environment import examine, find_python
from .fingerprint import Fingerprints
from .interrupt import stop_event
from .schedule import GATE_FAILED, Listener, Result, Schedule, Status, Surroundings, default_environment
from .single import single_run
from .steps import load_steps, select

INTERRUPTED = 130
KEPT_RUNS = 30
"""Folders of logs that are kept; older ones go."""


@record
class Request:
    """What ``mlopsc run`` was asked for."""

    names: tuple[str, ...] = ()
    start: str | None = None
    force: bool = False
    jobs: int | None = None


@record
class Outcome:
    """The results in the plan's order, and the folder of their logs."""

    results: tuple[Result, ...]
    home: Path
    logs: Path
    interrupted: bool

    @property
    def exit_code(self) -> int:
        """0 done, 1 a step failed, 5 a gate failed, 130 interrupted."""
        ends = {result.status for result in self.results}
        if self.interrupted:
            return INTERRUPTED
        if Status.FAILED in ends:
            return 1
        return GATE_FAILED if Status.GATE in ends else 0


def home_of(project: Path, env: Mapping[str, str]) -> Path:
    """The folder that the steps write to, as the generated code decides it."""
    given = env.get("MLOPS_HOME")
    return (project / given).resolve() if given else project / ".mlops"


def run(project: Path, request: Request, listener: Listener) -> Outcome:
    """Bring the requested steps of the project folder up to date."""
    env = default_environment(os.environ)
    selection = select(load_steps(project), request.names, start=request.start, force=request.force)
    home = _prepared(home_of(project, env))
    models = {step.model for step in selection.steps}
    python = examine(find_python(project, env), project, models, home / "cache" / "environment.json")
    with single_run(home / "run.lock") as inherit, stop_event() as stop:
        prints = Fingerprints(project, home, home / "cache" / "files.json")
        cache = Cache(home / "cache" / "steps", prints, python.fingerprint)
        logs = _new_logs(home / "runs")
        around = Surroundings(project=project, python=python.path, logs=logs, env=env, inherit=inherit)
        results = Schedule(selection, cache, around, listener).run(_jobs(request.jobs), stop)
        prints.save()
        return Outcome(results=results, home=home, logs=logs, interrupted=stop.is_set())


def _prepared(home: Path) -> Path:
    """The home with the ``.gitignore`` that keeps it out of every commit."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise MlopscError(f"cannot write below {home}: {error.strerror}\n  help: MLOPS_HOME moves it") from error
    return home


def _jobs(asked: int | None) -> int:
    if asked:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _new_logs(runs: Path) -> Path:
    """A folder for this run's logs; the oldest folders beyond the limit go."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    folder = runs / stamp
    for number in range(2, 1000):
        if not folder.exists():
            break
        folder = runs / f"{stamp}-{number}"
    folder.mkdir(parents=True)
    _prune(runs)
    return folder


def _prune(runs: Path) -> None:
    old: Sequence[Path] = sorted(path for path in runs.iterdir() if path.is_dir())[:-KEPT_RUNS]
    for folder in old:
        for file in folder.glob("*.log"):
            file.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
