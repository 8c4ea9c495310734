"""``mlopsc data``: a face over ``python -m mlops data``, which asks the data itself."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Look at the data of a project."""


@command.command()
@click.argument("dataset", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), help="Default: text, or what --output ends in."
)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--open", "shows", is_flag=True, help="Write the page and open it in the browser.")
def profile(dataset: str | None, form: str | None, output: Path | None, *, shows: bool) -> None:
    """Say what a dataset looks like: distributions, missing values, the label, drift over time.

    A table in the terminal, JSON, or one HTML page that needs no network. Columns with `pii: true` are only counted.
    The compiled code reads the data, so compile first; the page is in .mlops/profiles/ unless --output names a file.
    """
    from ..runner.environment import find_python  # noqa: PLC0415  (help and completion stay quick)
    from .run import fresh_project  # noqa: PLC0415

    project = fresh_project(None)
    arguments = ["data", "profile", *([dataset] if dataset else [])]
    if form or shows:
        arguments += ["--format", form or "html"]
    if output is not None:
        arguments += ["--output", str(output.absolute())]
    python = find_python(project, os.environ)
    piped = subprocess.PIPE if shows else None
    done = subprocess.run([python, "-m", "mlops", *arguments], cwd=project, stdout=piped, text=True, check=False)
    if shows:
        click.echo(done.stdout, nl=False)
        if done.returncode == 0:
            webbrowser.open(Path(done.stdout.strip().rpartition("written to ")[2]).as_uri())
    sys.exit(done.returncode)
