"""``mlopsc show``: the spec with every default filled in."""

from __future__ import annotations

import sys

import click

from .discovery import find_spec, spec_argument


@click.command()
@spec_argument
@click.option("--env", "environment", metavar="NAME", help="As this environment sees it.")
@click.option("--format", "format_", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def command(spec: str | None, environment: str | None, format_: str) -> None:
    """Print SPEC with every default filled in; includes are merged and shorthands are spelled out.

    What it prints is a spec that means the same. Exit codes: 0 printed, 1 the spec has errors, 2 wrong usage.
    """
    import json  # noqa: PLC0415  (so that --help is instant)

    from ..phases import analyse, in_environment  # noqa: PLC0415
    from ..reporters.spelled import spelled  # noqa: PLC0415
    from ..reporters.yaml_text import plain, text  # noqa: PLC0415
    from .output import show, summary  # noqa: PLC0415

    path = find_spec(spec)
    analysis = analyse(path) if environment is None else in_environment(path, environment)
    if analysis.project is None or analysis.failed:
        show(analysis.diagnostics, analysis.sources, sys.stderr)
        click.echo(summary(analysis), err=True)
        sys.exit(1)
    tree = spelled(analysis.project)
    click.echo(text(tree) if format_ == "yaml" else json.dumps(plain(tree), indent=2, ensure_ascii=False), nl=False)
    if format_ == "json":
        click.echo()
