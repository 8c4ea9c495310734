"""The page ``docs/commands.md``: every command with its arguments, options and exit codes, as click knows them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from . import COMMANDS, cli

HEAD = """\
# The command line

Every command, written from the program itself by `make docs`; `mlopsc COMMAND --help` prints the same. `mlops.yaml` is
found upward from the working directory, or named: `mlopsc check path/to/mlops.yaml`. Colours are used on a terminal
only, and never where `NO_COLOR` is set.
"""
GENERAL = (
    (0, "done"),
    (1, "errors"),
    (2, "wrong usage"),
    (70, "a crash of mlopsc itself; the message says how to report it"),
)
"""What an exit code means wherever a command says nothing else."""

_SENTENCE = re.compile(r"\s*Exit codes: (?P<codes>[^.]*)\.")
_OPTION = re.compile(r"Exit (?P<code>\d+) (?P<words>when .*)\.")
_CODE = re.compile(r"(\d+) ((?:[^,(]|\([^)]*\))+)")


def document() -> str:
    """The page, in the order in which `mlopsc --help` lists the commands."""
    return "\n".join(_document()) + "\n"


def _document() -> Iterator[str]:
    context = click.Context(cli, info_name="mlopsc", **cli.context_settings)
    commands = {name: _command(context, name) for name in COMMANDS}
    yield HEAD
    yield "| command | does |"
    yield "|---|---|"
    yield from (f"| [`mlopsc {name}`](#{name}) | {_cell(words)} |" for name, words in COMMANDS.items())
    yield from _exit_codes(commands)
    for name, command in commands.items():
        yield from _entry(command, click.Context(command, info_name=name, parent=context))


def _command(context: click.Context, name: str) -> click.Command:
    command = cli.get_command(context, name)
    assert command is not None, name  # noqa: S101  (COMMANDS names it)
    return command


def _exit_codes(commands: dict[str, click.Command]) -> Iterator[str]:
    yield "\n## Exit codes\n"
    yield "| code | means | in |"
    yield "|---|---|---|"
    general = dict(GENERAL)
    rows = [(code, words, "every command") for code, words in GENERAL]
    for name, command in commands.items():
        own = [(n, words) for n, words in _codes(command) if n and words != general.get(n)]
        rows += [(n, words, f"[`{name}`](#{name})") for n, words in own]
    yield from (f"| {code} | {_cell(words)} | {where} |" for code, words, where in sorted(rows, key=lambda row: row[0]))


def _codes(command: click.Command) -> list[tuple[int, str]]:
    """The exit codes that the help of a command names, then those that an option brings."""
    sentence = _SENTENCE.search(_help(command))
    said = [(int(code), words.strip()) for code, words in _CODE.findall(sentence["codes"])] if sentence else []
    known = {code for code, _ in said}
    for option in command.params:
        found = _OPTION.fullmatch(getattr(option, "help", None) or "")
        if found and int(found["code"]) not in known:
            said.append((int(found["code"]), f"`{option.opts[0]}`, {found['words']}"))
    return said


def _help(command: click.Command) -> str:
    """The help in paragraphs of one line each."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _entry(command: click.Command, context: click.Context) -> Iterator[str]:
    name = context.info_name
    yield f'\n## <a id="{name}"></a>mlopsc {name}\n'
    yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```\n"
    yield _SENTENCE.sub("", _help(command)).strip()
    records = [_record(parameter, context) for parameter in command.get_params(context)]
    yield "\n| option | does |"
    yield "|---|---|"
    yield from (f"| `{_cell(option)}` | {_cell(words)} |" for option, words in records if words)
    codes = _codes(command)
    general = "" if {code for code, _ in codes} >= {0, 1} else " [Else as every command](#exit-codes)."
    own = "".join(f" **{code}** {words}," for code, words in codes).rstrip(",")
    yield f"\nExit codes:{own}.{general}" if own else "\nExit codes: [as every command](#exit-codes)."


def _record(parameter: click.Parameter, context: click.Context) -> tuple[str, str]:
    """How an option is written, and what it does; click remembers the names of ``--help`` from elsewhere."""
    names, words = parameter.get_help_record(context) or ("", "")
    if "--help" in parameter.opts:
        names = ", ".join(sorted(context.help_option_names, key=len))
    return names, words


def _cell(text: str) -> str:
    """A text that may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
