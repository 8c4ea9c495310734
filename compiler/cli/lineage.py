"""``mlopsc lineage``: what made this, and what depends on it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .discovery import find_spec

if TYPE_CHECKING:
    from ..phases import Analysis


@click.command()
@click.argument("artifact", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "mermaid"]),
    default="text",
    show_default=True,
    help="For people, for scripts, for a page that draws it.",
)
@click.option("--spec", metavar="SPEC", help="The spec, or its folder; else the nearest mlops.yaml upward.")
def command(artifact: str | None, format_: str, spec: str | None) -> None:
    """Say what ARTIFACT is made of, what depends on it, and whether it is still what the spec and the data say.

    \b
    mlopsc lineage                               every model: its data, its last version, what is stale
    mlopsc lineage flights.arr_delay             a column: what features, labels, gates and monitors need it
    mlopsc lineage flight_features.hour          a feature, a dataset, a monitor: the same
    mlopsc lineage late-arrival                  a model: its data and features, its gates and services
    mlopsc lineage late-arrival@champion         a version: the data, code, parameters and commit that made it
    mlopsc lineage late-arrival@RUN_ID           the version of a run
    mlopsc lineage data/flights.parquet          a file: of data, of the steps, of the compiler
    mlopsc lineage late-arrival/train            a step: what it reads and writes, and why it would run again
    mlopsc lineage column:carrier                the column, where a feature is called the same

    Nothing is run and nothing is written; only for a version the registry is asked. Exit codes: 0 answered, 1 errors
    in the spec, 2 there is no such thing.
    """  # noqa: D301  (the escape is click's mark for lines to keep)
    from ..phases import analyse  # noqa: PLC0415  (so that --help is instant)
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(find_spec(spec))
    if analysis.failed:
        show(analysis.diagnostics, analysis.sources)
        click.echo(summary(analysis), err=True)
        sys.exit(1)
    click.echo(_answered(analysis, artifact, format_), nl=False)


def _answered(analysis: Analysis, artifact: str | None, format_: str) -> str:
    from ..reporters.lineage import FORMATS, overview  # noqa: PLC0415
    from .lineage_answer import answer  # noqa: PLC0415

    found = answer(analysis, None if artifact is None else _relative(artifact, analysis.folder))
    return overview(found) if artifact is None and format_ == "text" else FORMATS[format_](found)


def _relative(artifact: str, project: Path) -> str:
    """A path as the plan writes it, where there is such a file; any other word as it is."""
    path = Path(os.path.abspath(artifact))  # noqa: PTH100  (not resolved: a link in the project is a name of its own)
    return path.relative_to(project).as_posix() if path.exists() and path.is_relative_to(project) else artifact
