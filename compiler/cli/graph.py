"""``mlopsc graph``: the steps and what they wait for."""

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
    type=click.Choice(["mermaid", "dot", "json", "html"]),
    default="mermaid",
    show_default=True,
    help="What to write to the standard output.",
)
def command(spec: str | None, format_: str) -> None:
    """Draw the steps of SPEC, its monitors, and what starts them.

    \b
    mermaid  for a README or a pull request: GitHub draws it
    dot      for Graphviz: mlopsc graph --format dot | dot -Tsvg > graph.svg
    json     for scripts: nodes, edges, steps with what they read and write
    html     for people: one page without any network, to move, search and open
             mlopsc graph --format html > graph.html

    Exit codes: 0 drawn, 1 errors in SPEC, 2 wrong usage.
    """  # noqa: D301  (the escape is click's mark for lines to keep)
    from ..phases import analyse  # noqa: PLC0415  (so that --help is instant)
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(find_spec(spec))
    if analysis.failed:
        show(analysis.diagnostics, analysis.sources)
        click.echo(summary(analysis), err=True)
        sys.exit(1)
    click.echo(_drawn(analysis, format_), nl=False)


def _drawn(analysis: Analysis, format_: str) -> str:
    from ..phases import compilation, plan_of  # noqa: PLC0415
    from ..planning.graph import FORMATS  # noqa: PLC0415

    if format_ in FORMATS:
        return FORMATS[format_](plan_of(analysis))
    from ..planning.page import page  # noqa: PLC0415  (only this format needs the layout)

    compiled = compilation(analysis)
    assert analysis.project is not None  # noqa: S101  (a spec without errors has one)
    return page(compiled.plan, analysis.project, analysis.sources, tuple(compiled.rendered))
