"""``mlopsc plan``: what a change of the spec means, before it is compiled."""

from __future__ import annotations

import sys

import click

from .discovery import find_spec, spec_argument

SOMETHING_CHANGES = 4


@click.command()
@spec_argument
@click.option("--base", metavar="REV", help="Compare with this Git revision instead of the files on disk.")
@click.option("--format", "format_", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit 4 when something changes.")
def command(spec: str | None, base: str | None, format_: str, *, exit_code: bool) -> None:
    """Say which files compiling SPEC would add, change and remove."""
    from .. import changes, writer  # noqa: PLC0415  (so that --help is instant)
    from .compile import compiled_or_exit  # noqa: PLC0415

    compiled = compiled_or_exit(find_spec(spec))
    if base is None:
        found = changes.against_disk(writer.compare(compiled.rendered, compiled.roots))
    else:
        found = changes.against_revision(compiled.rendered, compiled.roots, base)
    click.echo(changes.FORMATS[format_](found), nl=False)
    if exit_code and found.any:
        sys.exit(SOMETHING_CHANGES)
