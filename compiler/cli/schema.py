"""``mlopsc schema``: the JSON Schema of the language, for editors and for other programs."""

from __future__ import annotations

import click


@click.command()
@click.option("--format", "format_", type=click.Choice(["json"]), default="json", show_default=True, help="The format.")
def command(format_: str) -> None:
    """Print the JSON Schema (2020-12) of mlops.yaml as one document.

    Editors complete and check a spec with it: `mlopsc schema > mlops.schema.json`, then begin the spec with
    `# yaml-language-server: $schema=mlops.schema.json`.
    """
    import json  # noqa: PLC0415  (so that --help is instant)

    from ..schema import bundled  # noqa: PLC0415

    del format_
    click.echo(json.dumps(bundled(), indent=2, ensure_ascii=False))
