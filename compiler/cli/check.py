"""``mlopsc check``: every problem of the spec in one run; nothing is written and nothing executed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .discovery import find_spec, spec_argument

if TYPE_CHECKING:
    from ..phases import Analysis


@click.command()
@spec_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="For people, for scripts, for pull requests, for code scanning.",
)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
def command(spec: str | None, format_: str, *, strict: bool) -> None:
    """Report every problem of SPEC: the file, its folder, or the nearest mlops.yaml upward.

    Exit codes: 0 fine, 1 errors (with --strict also warnings), 2 wrong usage.
    """
    from ..phases import analyse  # noqa: PLC0415  (so that --help is instant)
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(find_spec(spec))
    if format_ == "text":
        show(analysis.diagnostics, analysis.sources, sys.stdout)
        click.echo(summary(analysis))
    else:
        click.echo(_report(analysis, format_), nl=False)
    if analysis.failed or (strict and analysis.diagnostics):
        sys.exit(1)


def _report(analysis: Analysis, format_: str) -> str:
    """The diagnostics for a machine; paths that a forge shows are relative to the Git root."""
    from ..places import places  # noqa: PLC0415
    from ..reporters import data, github, sarif  # noqa: PLC0415  (each for its own format only)

    if format_ == "json":
        return data.report(analysis.diagnostics)
    project, git = places(analysis.folder)
    folder = "" if project == git else project.relative_to(git).as_posix()
    report = github.report if format_ == "github" else sarif.report
    return report(analysis.diagnostics, folder)
