# mypy: disable-error-code="import-untyped"
"""``pip install`` as the tests of the pages run it: without network, and never into the environment of the tests.

A folder is built by its own backend and unpacked into ``~/.site``; a package of the index has to be there already.
"""

from __future__ import annotations

import os
import sys
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path


def main(command: str, *wanted: str) -> None:
    """Install every package that is named."""
    if command != "install":
        raise SystemExit(f"pip {command} is not part of any page")
    for name in wanted:
        if name.startswith("."):
            _build(Path(name).resolve())
        else:
            distribution(name)


def _build(folder: Path) -> None:
    from setuptools import build_meta  # noqa: PLC0415

    home = Path.cwd()
    with tempfile.TemporaryDirectory() as made:
        os.chdir(folder)
        wheel = build_meta.build_wheel(made)
        os.chdir(home)
        zipfile.ZipFile(Path(made) / wheel).extractall(Path.home() / ".site")


main(*sys.argv[1:])
