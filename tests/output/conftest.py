"""Compiled examples: what the tests of the output read and run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def compiled(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function from an example to a Git repository with its compiled files; ``folder`` puts it below the root."""
    made: dict[tuple[str, str], Path] = {}

    def compile_example(name: str, folder: str = "") -> Path:
        if (name, folder) not in made:
            root = tmp_path_factory.mktemp(name)
            project = root / folder
            shutil.copytree(repository / "examples" / name, project, dirs_exist_ok=True, ignore=_generated)
            _run(["git", "init", "--quiet", "--initial-branch=main"], root)
            _run([sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"], project)
            made[name, folder] = root
        return made[name, folder]

    return compile_example


@pytest.fixture
def judge() -> Callable[[list[str], Path], str]:
    """A function that runs a judge in a folder, expects its approval, and gives back what it prints."""

    def approve(command: list[str], folder: Path) -> str:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return approve


def _generated(folder: str, names: list[str]) -> set[str]:
    del folder
    return {name for name in names if name in {"mlops", ".mlops", "mlops.lock", ".venv", ".github", "__pycache__"}}


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
