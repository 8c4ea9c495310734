"""The generated pages are what the compiler says today, and leave nothing out.

``MLOPSC_UPDATE_GOLDEN=1`` writes them again, as ``make docs`` does; CI refuses to.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest

from mlopsc.checks import all_checks
from mlopsc.cli import COMMANDS, cli
from mlopsc.cli.docs import PAGES
from mlopsc.cli.language_page import anchor
from mlopsc.schema import Schema, bundled, properties, resolved
from mlopsc.targets import all_targets


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(repository: Path, name: str) -> None:
    """What is committed is what would be written."""
    page, text = repository / "docs" / name, PAGES[name]()
    if os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1" and not os.environ.get("CI"):
        page.write_text(text, encoding="utf-8", newline="\n")
    assert page.read_text(encoding="utf-8") == text, "run `make docs`"


def places(schema: Schema, place: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every key of the language, as the path that leads to it; the small shared values are told once, at the end."""
    found = set()
    schema = resolved(schema)
    for key, below in properties(schema):
        found.add((*place, key))
        if not str(schema["properties"][key].get("$ref", "")).startswith("#/$defs/values-"):
            found |= places(below, (*place, key))
    for part, name in (("additionalProperties", "*"), ("items", "[]")):
        if isinstance(schema.get(part), dict):
            found |= places(schema[part], (*place, name))
    return found


def test_language_tells_every_key_of_the_schema(repository: Path) -> None:
    """Each key has a row with its description, and an anchor made of the keys above it."""
    page = (repository / "docs" / "language.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\[`[^`]+`\]\(#([^ )]+)", page))
    there = set(re.findall(r'id="([^"]+)"', page)) | set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    keys = {anchor(place) for place in places(bundled())}
    assert len(keys) > 150
    assert keys - linked == set()
    assert linked - there == set()


def test_language_tells_default_constraint_and_example_of_a_key(repository: Path) -> None:
    """One row, to the letter."""
    page = (repository / "docs" / "language.md").read_text(encoding="utf-8")
    assert (
        '| <a id="models-tune-trials"></a>[`trials`](#models-tune-trials "Trials") | whole number | `20` | '
        "How many sets of parameters are tried. From 1 to 10000. For example `trials: 20`. |\n"
    ) in page


def test_language_names_the_words_that_compile(repository: Path) -> None:
    """The stack lists exactly what a target serves."""
    page = (repository / "docs" / "language.md").read_text(encoding="utf-8")
    served = {word for target in all_targets() for role, word in target.serves if role == "deploy"}
    assert f"| `deploy` | {', '.join(f'`{word}`' for word in sorted(served))} |\n" in page


def test_commands_tell_every_option(repository: Path) -> None:
    """Each command has a section with each of its options."""
    page = (repository / "docs" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## .*?mlopsc (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(COMMANDS)
    context = click.Context(cli)
    for name, text in sections.items():
        command = cli.get_command(context, name)
        assert command is not None
        for option in (one for parameter in command.params for one in parameter.opts if one.startswith("--")):
            assert f"`{option}" in text or f", {option}" in text, f"{name} {option}"


def test_commands_tell_the_exit_codes(repository: Path) -> None:
    """Those of the design: hand edits, changes, a gate, a crash."""
    page = (repository / "docs" / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (\d+) \| ", page, re.MULTILINE)) == {"0", "1", "2", "3", "4", "5", "70"}
    assert "| 5 | a gate failed | [`run`](#run) |" in page


def test_diagnostics_index_every_check(repository: Path) -> None:
    """Each check stands in the table of its section, with a link to its entry."""
    page = (repository / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(MLC\d+)\]\(#(mlc\d+)\) \| .* \| (?:error|warning) \|$", page, re.MULTILINE)
    assert [code.lower() for code, _ in rows] == [fragment for _, fragment in rows]
    assert {check.code for check in all_checks()} <= {code for code, _ in rows}
