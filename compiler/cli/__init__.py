"""The command line: one module per command, imported only when it is called."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

import click

from .stopping import Stopped, stop_on_signals

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
    "lineage": "Say what made a thing, what depends on it, and whether it is stale.",
    "data": "Look at the data: a profile in the terminal or as a page.",
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


def main() -> None:
    """Run the command line and end the process; our own failures get a message and an exit code, never a traceback."""
    gc.disable()  # a command makes a million values that live to its end, and then the process is over
    stop_on_signals()
    _say_any_name()
    try:
        cli(standalone_mode=True)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else int(end.code is not None))
    except Stopped as stopped:
        click.echo(f"error: {stopped}", err=True)
        _leave(stopped.exit_code)
    except Exception as error:  # noqa: BLE001  (the last line of defence)
        _leave(_failed(error))


def _leave(code: int) -> NoReturn:
    """End the process without taking its million values apart one by one."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it is gone
            stream.flush()
    os._exit(code)


def _failed(error: Exception) -> int:
    """Say what went wrong, and which exit code that is."""
    from ..diagnostics import MlopscError  # noqa: PLC0415  (`--help` needs none of this)
    from .crash import report  # noqa: PLC0415

    if isinstance(error, MlopscError):
        click.echo(f"error: {_shown(error)}", err=True)
        return error.exit_code
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"error: {_shown(f'{where}{error.strerror or error}')}", err=True)
        return 1
    click.echo(report(error), err=True)
    return CRASH


def _shown(error: object) -> str:
    """The message of an error; a file name in it may hold what a terminal would obey."""
    from ..diagnostics import readable  # noqa: PLC0415  (`--help` needs none of this)

    return "\n".join(readable(line) for line in str(error).split("\n"))


def _say_any_name() -> None:
    """Print file names that are no text, or no text of this terminal, with escapes rather than to crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
