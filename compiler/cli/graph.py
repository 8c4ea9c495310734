"""``mlopsc graph``: the steps and what they wait for."""

from __future__ import annotations

import sys

import click

from .discovery import find_spec, spec_argument


@click.command()
@spec_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["mermaid", "dot", "json", "html"]),
    default="mermaid",
    show_default=True,
)
def command(spec: str | None, format_: str) -> None:
    """Draw the steps of SPEC, its monitors, and what starts them."""
    from ..phases import analyse, plan_of  # noqa: PLC0415  (so that --help is instant)
    from ..planning.graph import FORMATS  # noqa: PLC0415
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(find_spec(spec))
    if analysis.failed:
        show(analysis.diagnostics, analysis.sources)
        click.echo(summary(analysis), err=True)
        sys.exit(1)
    click.echo(FORMATS[format_](plan_of(analysis)), nl=False)
