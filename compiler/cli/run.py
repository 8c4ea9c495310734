"""``mlopsc run``: the compiled steps, here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..diagnostics import MlopscError
from .discovery import find_spec

if TYPE_CHECKING:
    from ..unchanged import Memory

GENERATED = "mlops/"


@click.command()
@click.argument("names", metavar="[MODEL] [STEP]...", nargs=-1)
@click.option("--force", is_flag=True, help="Run what was asked for, whatever the cache says.")
@click.option("--from", "start", metavar="STEP", help="Run this step and everything after it, whatever the cache says.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Steps at a time; default: one per processor.")
def command(names: tuple[str, ...], start: str | None, jobs: int | None, *, force: bool) -> None:
    """Run the compiled steps here: in parallel, cached by content.

    Without arguments every step of every model is brought up to date; `mlopsc run MODEL STEP` does that for one step
    and all that it needs. Exit codes: 0 done, 1 a step failed, 5 a gate failed.
    """
    from ..runner import run as runner  # noqa: PLC0415
    from .progress import Progress  # noqa: PLC0415  (help and completion stay quick)
    from .run_summary import summary  # noqa: PLC0415

    project = fresh_project(None)
    request = runner.Request(names=names, start=start, force=force, jobs=jobs)
    outcome = runner.run(project, request, Progress(sys.stdout, project))
    click.echo("\n" + summary(project, outcome.home, outcome.results, outcome.logs))
    sys.exit(outcome.exit_code)


def fresh_project(spec: str | None) -> Path:
    """The project folder, if what was compiled is what the spec says now; MlopscError says that it is not."""
    from ..unchanged import Memory  # noqa: PLC0415
    from .output import repeat  # noqa: PLC0415

    path = find_spec(spec)
    memory = Memory(path)
    known = memory.recall()
    if known is not None:
        repeat(known)
        return memory.project
    return _compared(path, memory)


def _compared(path: Path, memory: Memory) -> Path:
    """The same, by every byte."""
    from ..writer import WRITES, Action, compare, is_current, read_lock  # noqa: PLC0415
    from .compile import compiled_or_exit  # noqa: PLC0415
    from .output import said  # noqa: PLC0415

    compiled = compiled_or_exit(path)
    everything = compare(compiled.rendered, compiled.roots)
    if is_current(everything, compiled.roots):
        memory.remember(compiled, everything, said(compiled))
    changes = [c for c in everything if c.path.startswith(GENERATED)]
    lock = read_lock(compiled.roots)
    edited = [c for c in changes if c.action is Action.EDITED]
    moved_on = [c for c in edited if c.digest is not None and not lock.knows(c.path, c.digest)]
    stale = [c.path for c in changes if c.action in WRITES or c.action is Action.REMOVE or c in moved_on]
    if stale:
        more = f" and {len(stale) - 1} more" if len(stale) > 1 else ""
        what = f"{stale[0]}{more} {'are' if more else 'is'} not what {compiled.analysis.spec.name} says"
        raise MlopscError(f"{what}\n  help: run `mlopsc compile` first")
    for change in edited:
        click.echo(f"note: {change.path} was edited by hand, and runs so", err=True)
    return compiled.roots.project
