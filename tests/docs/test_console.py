"""Every command of the quick start and the guides is run in order, and prints what the page shows.

Notes in comments above a block say what its text cannot:

``<!-- slow -->``             it trains
``<!-- exit 3 -->``           its last command exits so; all others exit 0
``<!-- mistake -->``          the spec is wrong, and a check of it fails
``<!-- first: COMMAND -->``   what is done before it, unseen
``<!-- when: COMMAND -->``    it is run where that command succeeds
``<!-- from: PAGE -->``       it is part of a block of that page, where it is compared
``<!-- elsewhere: WHY -->``   it is not run here

``...`` stands for what is left out. Durations and moments may differ, figures a little.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
GENERATED = {"commands.md", "diagnostics.md", "language.md", "mistakes.md"}
IN_CLONE = {"adding-a-check.md"}
ELSEWHERE = ("installation", "a clone")
FILES = {"yaml", "python", "toml", "json", "diff"}
PORT = "8080"

# What differs between two runs or two versions of a library, as (in the page, in what is printed).
VARIABLE = re.compile(
    r"(?P<seconds>\d+\.\d s\b)|(?P<run>\b\d{8}T\d{6}\b)|(?P<figure>-?\d+\.\d{2,})|(?P<space> {2,}|-{3,})"
)
PATTERNS = {"seconds": r"\d+\.\d s", "run": r"\d{8}T\d{6}", "figure": r"(-?\d+\.\d+)", "space": r"(?: +|-+)"}


def pages() -> list[str]:
    """The pages with commands, by name."""
    names = sorted(page.name for page in DOCS.glob("*.md") if page.name not in GENERATED)
    return [name for name in names if "```console" in (DOCS / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", pages())
def test_page_shows_what_its_commands_print(
    page: str, shell: Any, clone: Callable[[], None], blocks: Callable[[Path], list[Any]]
) -> None:
    """Everything that does not train, in the order of the page."""
    if page in IN_CLONE:
        clone()
    follow(blocks(DOCS / page), shell, slow=False)


def slow_pages() -> list[str]:
    """The pages with a block that trains."""
    return [page for page in pages() if "<!-- slow -->" in (DOCS / page).read_text(encoding="utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("page", slow_pages())
def test_page_shows_what_training_prints(page: str, shell: Any, blocks: Callable[[Path], list[Any]]) -> None:
    """The whole page, training, serving and monitoring included."""
    follow(blocks(DOCS / page), shell, slow=True)


def follow(blocks: list[Any], shell: Any, *, slow: bool) -> None:
    """Do what a reader does: write the files that are shown, run the commands, compare what they print."""
    port = free_port()
    for block in blocks:
        skipped = block.note("elsewhere") is not None or (block.note("slow") is not None and not slow)
        if skipped or (block.note("when") and shell.run(block.note("when"))[1]):
            continue
        if block.note("first"):
            shell.run(block.note("first"))
        if block.title is not None and block.kind in FILES:
            write(block, shell.here / block.title)
            judge(block, shell)
        elif block.kind == "console":
            expected_code = int(block.note("exit") or 0)
            for number, (command, shown) in enumerate(block.commands, start=1):
                printed, code = shell.run(command.replace(PORT, port))
                where = f"{block.page}:{block.line}: $ {command}\n{printed}"
                assert code == (expected_code if number == len(block.commands) else 0), where
                if shown:
                    compare(shown, printed.replace(port, PORT).splitlines(), where)


def write(block: Any, path: Path) -> None:
    """The file of a block; a difference changes what is there, at the one place where its old lines stand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if block.kind != "diff":
        path.write_text(block.text + "\n", encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    lines = block.text.split("\n")
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    assert text.count(old) == 1, f"{block.page}:{block.line}: not once in {path.name}:\n{old}"
    path.write_text(text.replace(old, "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")), encoding="utf-8")


def judge(block: Any, shell: Any) -> None:
    """A whole spec has no problem, or, where the page says so, has one."""
    if block.kind == "yaml":
        printed, code = shell.run(f"mlopsc check --strict {block.title}")
        assert code == (block.note("mistake") is not None), f"{block.page}:{block.line}\n{printed}"


def compare(shown: list[str], printed: list[str], where: str) -> None:
    """The printed lines are the shown ones, with anything in place of ``...``."""
    figures: list[float] = []
    pattern = "\n".join(expression(line.rstrip(), figures) for line in shown)
    pattern = pattern.replace("<any>\n", r"(?:.*\n)*?").replace("\n<any>", r"(?:\n.*)*").replace("<any>", r"[\s\S]*")
    found = re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed).rstrip("\n"))
    assert found, f"{where}\n--- but the page shows\n" + "\n".join(shown)
    for said, is_now in zip(figures, found.groups(), strict=True):
        assert float(is_now) == pytest.approx(said, rel=0.25, abs=0.06), where


def expression(line: str, figures: list[float]) -> str:
    """The regular expression of one shown line."""
    if line == "...":
        return "<any>"
    parts, end = [], 0
    for match in VARIABLE.finditer(line):
        kind = str(match.lastgroup)
        parts += [re.escape(line[end : match.start()]).replace(r"\.\.\.", ".*?"), PATTERNS[kind]]
        figures += [float(match.group())] if kind == "figure" else []
        end = match.end()
    return "".join(parts) + re.escape(line[end:]).replace(r"\.\.\.", ".*?")


def free_port() -> str:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_specs_of_the_pages_are_files(blocks: Callable[[Path], list[Any]]) -> None:
    """A whole spec has a title, so that it is written and checked; what has none is a part."""
    whole = [
        f"{block.page}:{block.line}"
        for page in DOCS.glob("*.md")
        if page.name not in GENERATED
        for block in blocks(page)
        if block.kind == "yaml" and block.title is None and re.search(r"^data:", block.text, re.MULTILINE)
    ]
    assert whole == []


def test_commands_of_the_pages_are_console_blocks(blocks: Callable[[Path], list[Any]]) -> None:
    """No command hides from this test in a block of another kind, and every title is of a file that is written."""
    kinds = {block.kind for page in DOCS.glob("*.md") for block in blocks(page)}
    assert kinds <= {"console", "text", *FILES}
    assert {block.kind for page in DOCS.glob("*.md") for block in blocks(page) if block.title} <= FILES


def test_quoted_output_is_that_of_its_page(blocks: Callable[[Path], list[Any]]) -> None:
    """What is shown again on another page is, to the letter, what was compared there."""
    quoted = [block for page in DOCS.glob("*.md") for block in blocks(page) if block.note("from") is not None]
    assert quoted
    for block in quoted:
        assert block.text in (DOCS / block.note("from")).read_text(encoding="utf-8")


def test_only_installations_are_not_run(blocks: Callable[[Path], list[Any]]) -> None:
    """What a page asks for and no test here runs is the installation itself."""
    notes = [block.note("elsewhere") for page in pages() for block in blocks(DOCS / page)]
    assert {note for note in notes if note is not None} <= set(ELSEWHERE)
