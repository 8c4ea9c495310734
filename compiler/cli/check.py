"""``mlopsc check``: every problem of the spec in one run; nothing is executed, and only ``--fix`` writes."""

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
@click.option("--fix", is_flag=True, help="Make every fix that is certain, and report what remains.")
@click.option("--diff", is_flag=True, help="With --fix: show what it would change, and write nothing.")
def command(spec: str | None, format_: str, *, strict: bool, fix: bool, diff: bool) -> None:
    """Report every problem of SPEC: the file, its folder, or the nearest mlops.yaml upward.

    Exit codes: 0 fine, 1 errors (with --strict also warnings), 2 wrong usage. With --fix they are about what remains.
    """
    from ..diagnostics import UsageError  # noqa: PLC0415  (so that --help is instant)
    from ..phases import analyse  # noqa: PLC0415
    from .output import show, summary  # noqa: PLC0415

    if diff and not fix:
        raise UsageError("--diff shows what --fix would change; use both")
    if fix:
        from .fix import mended  # noqa: PLC0415  (only --fix needs it)

        analysis = mended(find_spec(spec), diff=diff, apart=diff or format_ != "text")
    else:
        analysis = analyse(find_spec(spec))
    if format_ == "text":
        stream = sys.stderr if diff else sys.stdout
        show(analysis.diagnostics, analysis.sources, stream)
        click.echo(summary(analysis), err=diff)
    elif not diff:
        click.echo(_machine(analysis, format_), nl=False)
    if analysis.failed or (strict and analysis.diagnostics):
        sys.exit(1)


def _machine(analysis: Analysis, format_: str) -> str:
    """The diagnostics for scripts, pull requests or code scanning."""
    from ..places import places  # noqa: PLC0415
    from ..reporters import data, github, sarif  # noqa: PLC0415  (each for its own format only)

    if format_ == "json":
        return data.report(analysis.diagnostics, analysis.sources)
    project, git = places(analysis.folder)
    folder = "" if project == git else project.relative_to(git).as_posix()
    if format_ == "github":
        return github.report(analysis.diagnostics, folder)
    from .codes import all_codes  # noqa: PLC0415

    return sarif.report(analysis.diagnostics, analysis.sources, all_codes(), folder)
