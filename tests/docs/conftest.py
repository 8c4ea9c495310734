"""What the tests of the pages share: fenced blocks of Markdown, and a shell that runs them in order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FENCE = re.compile(
    r"(?P<notes>(?:<!-- [^\n]* -->\n)*)(?P<indent> *)```(?P<kind>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)\n(?P=indent)```\n",
    re.DOTALL,
)
TITLE = re.compile(r'title="([^"]+)"')
NOTE = re.compile(r"<!-- (.*?) -->")
MARK = "==done=="


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: its language, the file that it shows, its text, and the notes in comments above it."""

    page: str
    line: int
    kind: str
    title: str | None
    text: str
    notes: tuple[str, ...]

    def note(self, word: str) -> str | None:
        """What a note says after its first word; None where there is no such note."""
        found = [note.removeprefix(word).strip(": ") for note in self.notes if note.split(":")[0].split()[0] == word]
        return found[0] if found else None

    @property
    def commands(self) -> list[tuple[str, list[str]]]:
        """Each command of a console block with the lines that are shown below it."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and found and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
        return found


def blocks_of(page: Path) -> list[Block]:
    """Every fenced block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page=page.name,
            line=text.count("\n", 0, match.start("kind")) + 1,
            kind=match["kind"],
            title=title[1] if (title := TITLE.search(match["info"])) else None,
            text="\n".join(line.removeprefix(match["indent"]) for line in match["text"].split("\n")),
            notes=tuple(NOTE.findall(match["notes"])),
        )
        for match in FENCE.finditer(text)
    ]


class Shell:
    """One bash for a whole page, in a folder that stands for the reader's home."""

    def __init__(self, home: Path, env: dict[str, str]) -> None:
        self.home = home
        self.folder = str(home)
        self._process = subprocess.Popen(
            ["timeout", "900", "bash", "--noprofile", "--norc"],
            cwd=home,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str) -> tuple[str, int]:
        """What a command prints, and its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{MARK} %d %s\\n' $? \"$PWD\"\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(MARK):
                _, code, self.folder = line.rstrip("\n").split(" ", 2)
                return "".join(lines)[:-1].replace(str(self.home), "~"), int(code)
            lines.append(line)
        raise AssertionError(f"the shell ended at: {command}\n{''.join(lines)}")

    @property
    def here(self) -> Path:
        """The working folder now."""
        self.run(":")
        return Path(self.folder)

    def close(self) -> None:
        """End the shell and what it started in the background."""
        self.run("jobs -p | xargs --no-run-if-empty kill 2>/dev/null; wait")
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


@pytest.fixture(scope="session")
def blocks() -> Callable[[Path], list[Block]]:
    """The function that reads the blocks of a page."""
    return blocks_of


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty folder, with the tools of this environment and nobody's settings."""
    tools = tmp_path / ".tools"
    tools.mkdir()
    programs = {name: [Path(sys.executable).with_name(name)] for name in ("mlopsc", "python", "pytest")}
    programs["pip"] = [Path(sys.executable), Path(__file__).with_name("pip.py")]
    for name, command in programs.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {" ".join(map(str, command))} "$@"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    settings = ("CI", "MLOPS", "PIP_", "UV_", "PYTHON", "PYTEST")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(settings)},
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "MLOPSC_PYTHON": sys.executable,
        "PYTHONPATH": str(tmp_path / ".site"),
        "NO_COLOR": "1",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "reader",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "reader@example.org",
        "GIT_CONFIG_KEY_2": "init.defaultBranch",
        "GIT_CONFIG_VALUE_2": "main",
    }
    started = Shell(tmp_path, env)
    yield started
    started.close()


@pytest.fixture
def clone(shell: Shell, repository: Path) -> Callable[[], None]:
    """A function that puts this repository into the reader's home as `mlopsc`, and runs the compiler from there."""

    def make() -> None:
        target = shell.home / "mlopsc"
        for name in ("compiler", "templates", "schemas", "examples", "tests", "docs", ".typing"):
            shutil.copytree(repository / name, target / name, symlinks=True, ignore=_scratch)
        for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
            shutil.copy(repository / name, target / name)
        shell.run(f"export PYTHONPATH={target / '.typing'}")

    return make


def _scratch(folder: str, names: list[str]) -> set[str]:
    del folder
    return {name for name in names if name in {"__pycache__", ".mlops", "mlops", ".github", "mlops.lock", ".venv"}}
