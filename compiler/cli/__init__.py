"""The command line: one module per command, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ..diagnostics import MlopscError, readable

COMMANDS = {
    "init": "Write a commented mlops.yaml from a data file or an example.",
    "check": "Report every problem of the spec; write nothing.",
    "show": "Print the spec with every default filled in.",
    "schema": "Print the JSON Schema of the language.",
    "explain": "Explain a diagnostic at length, with an example.",
    "compile": "Check the spec, then write everything that it says.",
    "plan": "Say what a change of the spec means, before it is compiled.",
    "graph": "Draw the steps and what they wait for.",
    "run": "Run the compiled steps here: in parallel, cached by content.",
    "completion": "Print the shell completion script.",
}
CRASH = 70


class LazyGroup(click.Group):
    """A group whose commands are modules of this package, each with an attribute ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a day's work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __name__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mlopsc")
def cli() -> None:
    """Compile one mlops.yaml into everything that runs machine learning in production.

    Start with `mlopsc init --from data.csv`, then `mlopsc check`, `mlopsc compile`, `mlopsc run`.
    """


def _shown(error: BaseException) -> str:
    """The message of an error; a file name in it may hold what a terminal would obey."""
    return "\n".join(readable(line) for line in str(error).split("\n"))


def main() -> None:
    """Run the command line; our own failures get a message and their exit code, never a traceback."""
    try:
        cli(standalone_mode=True)
    except MlopscError as error:
        click.echo(f"error: {_shown(error)}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"error: {_shown(error)}", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  (the last line of defence)
        from .crash import report  # noqa: PLC0415  (only a crash needs it)

        click.echo(report(error), err=True)
        sys.exit(CRASH)
