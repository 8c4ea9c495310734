"""``mlopsc completion``: the script that completes commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL; for bash: eval "$(mlopsc completion bash)"."""
    from . import cli  # noqa: PLC0415  (the group imports this module)

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    script = found(cli, {}, "mlopsc", "_MLOPSC_COMPLETE")
    click.echo(script.source())
