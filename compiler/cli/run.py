"""``mlopsc run``: the compiled steps, here."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..diagnostics import UsageError

SPEC = "mlops.yaml"


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
    from ..reporters.progress import Progress  # noqa: PLC0415  (help and completion stay quick)
    from ..reporters.run_summary import summary  # noqa: PLC0415
    from ..runner import run as runner  # noqa: PLC0415

    project = _fresh_project()
    request = runner.Request(names=names, start=start, force=force, jobs=jobs)
    outcome = runner.run(project, request, Progress(sys.stdout, project))
    models = {result.step.model for result in outcome.results}
    click.echo("\n" + summary(project, outcome.home, models, outcome.logs))
    sys.exit(outcome.exit_code)


def _fresh_project() -> Path:
    """The project folder, found upward from here."""
    here = Path.cwd()
    found = next((folder for folder in (here, *here.parents) if (folder / SPEC).exists()), None)
    if found is None:
        raise UsageError(f"no {SPEC} in {here} or above\n  help: run `mlopsc init` first, or change the folder")
    return found
