"""What the tests with engines share: a compiled example in a Git repository, ready to run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

GENERATED = frozenset({"mlops", ".mlops", "mlops.lock", ".venv", ".github", "__pycache__"})


@pytest.fixture(scope="session")
def compile_copy(repository: Path) -> Callable[..., Path]:
    """A function that copies an example into a folder and compiles it there; ``edit`` changes its spec before."""

    def make(example: str, folder: Path, edit: Callable[[str], str] = str) -> Path:
        root = folder / example
        shutil.copytree(
            repository / "examples" / example, root, ignore=lambda _, names: [n for n in names if n in GENERATED]
        )
        spec = root / "mlops.yaml"
        spec.write_text(edit(spec.read_text(encoding="utf-8")), encoding="utf-8")
        call(["git", "init", "--quiet", "--initial-branch=main"], root)
        call([sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"], root)
        return root

    return make


@pytest.fixture
def committed(compile_copy: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """The same in a folder of the test's own, and committed."""

    def make(example: str, edit: Callable[[str], str] = str) -> Path:
        root = compile_copy(example, tmp_path, edit)
        commit(root)
        return root

    return make


@pytest.fixture(scope="session")
def runner_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which pip finds what is installed here, as a runner's Python would be."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    call([sys.executable, "-m", "venv", str(folder)], folder.parent)
    (library,) = (folder / "lib").glob("python*/site-packages")
    here = sorted({path for path in (*sys.path, sysconfig.get_path("purelib")) if path.endswith("site-packages")})
    lines = "".join(f"import site; site.addsitedir({path!r})\n" for path in here)
    (library / "shared.pth").write_text(lines, encoding="utf-8")
    return folder / "bin"


def commit(root: Path) -> None:
    """Commit everything, as somebody without settings of their own."""
    call(["git", "add", "--all"], root)
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    call(["git", *who, "commit", "--quiet", "--message", "Compile"], root)


def call(command: list[str], folder: Path) -> str:
    """What a command prints; the test fails where the command does."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
