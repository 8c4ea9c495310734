"""``mlopsc check``: every problem of the spec in one run; nothing is written and nothing executed."""

from __future__ import annotations

import sys

import click

from .discovery import find_spec, spec_argument


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
    from ..phases import analyse, roots_of  # noqa: PLC0415  (so that --help is instant)
    from ..reporters import data, github, sarif  # noqa: PLC0415
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(find_spec(spec))
    roots = roots_of(analysis.folder)
    folder = "" if roots.project == roots.git else roots.project.relative_to(roots.git).as_posix()
    if format_ == "text":
        show(analysis.diagnostics, analysis.sources, sys.stdout)
        click.echo(summary(analysis))
    elif format_ == "json":
        click.echo(data.report(analysis.diagnostics), nl=False)
    elif format_ == "github":
        click.echo(github.report(analysis.diagnostics, folder), nl=False)
    else:
        click.echo(sarif.report(analysis.diagnostics, folder), nl=False)
    if analysis.failed or (strict and analysis.diagnostics):
        sys.exit(1)
