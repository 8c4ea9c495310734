"""What is installed: every package by name, since setuptools cannot find them for us here."""

from __future__ import annotations

import shutil
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
        if "cases" not in file.parts  # what users write, as examples of diagnostics
    }
    assert found == {
        name for name in listed if not name.startswith(("mlopsc.templates", "mlopsc.schemas", "mlopsc.examples"))
    }


@pytest.mark.slow
def test_wheel_holds_every_template_schema_and_case(repository: Path, tmp_path: Path) -> None:
    """What the compiler reads at run time is in the wheel."""
    source = tmp_path / "source"
    source.mkdir()  # a build leaves files behind in the tree
    for top in ("compiler", "templates", "schemas", "examples"):
        shutil.copytree(repository / top, source / top, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    if subprocess.run(pip, capture_output=True, text=True, check=False).returncode:
        subprocess.run(["uv", "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(source)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for top, package in (("compiler", "mlopsc"), ("templates", "mlopsc/templates"), ("schemas", "mlopsc/schemas")):
        for path in (repository / top).rglob("*"):
            relative = path.relative_to(repository / top)
            hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
            wanted = path.is_file() and not hidden and relative.name != "generate.py"
            if wanted:
                assert f"{package}/{relative.as_posix()}" in inside, path
