"""What is installed: every package by name, since setuptools cannot find them for us here."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest


def test_pyproject_lists_every_package(repository: Path) -> None:
    """A package that is missing from the list works here and is absent from the wheel."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {
        ".".join(("mlopsc", *file.parent.relative_to(repository / "compiler").parts))
        for file in (repository / "compiler").rglob("__init__.py")
    }
    assert found == {
        name for name in listed if not name.startswith(("mlopsc.templates", "mlopsc.schemas", "mlopsc.examples"))
    }


@pytest.mark.slow
def test_wheel_holds_every_template_schema_and_case(repository: Path, tmp_path: Path) -> None:
    """What the compiler reads at run time is in the wheel."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(repository),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "No module named pip" in done.stderr:
        command = ["uv", "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(repository)]
        subprocess.run(command, check=True)
    [wheel] = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for top, package in (("compiler", "mlopsc"), ("templates", "mlopsc/templates"), ("schemas", "mlopsc/schemas")):
        for path in (repository / top).rglob("*"):
            relative = path.relative_to(repository / top)
            wanted = path.is_file() and "__pycache__" not in path.parts and relative.name != "generate.py"
            if wanted:
                assert f"{package}/{relative.as_posix()}" in inside, path
