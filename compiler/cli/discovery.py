"""Where the spec is: the path that is given, or the nearest mlops.yaml from the working directory upward."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..diagnostics import UsageError

SPEC_NAME = "mlops.yaml"


def spec_argument(function: Any) -> Any:
    """The argument SPEC that most commands take: a file, or the folder that holds it."""
    return click.argument("spec", required=False, type=click.Path())(function)


def find_spec(given: str | None) -> Path:
    """The spec to work on; UsageError says where it was looked for."""
    if given is not None:
        return _given(Path(given))
    start = Path.cwd()
    for folder in (start, *start.parents):
        if (folder / SPEC_NAME).is_file():
            return folder / SPEC_NAME
    raise UsageError(
        f"no {SPEC_NAME} in {start} or above it; `mlopsc init --from data.csv` writes one, "
        "or name the file: `mlopsc check path/to/mlops.yaml`"
    )


def _given(path: Path) -> Path:
    found = path / SPEC_NAME if path.is_dir() else path
    if found.is_file():
        return Path(os.path.abspath(found))  # noqa: PTH100  (not resolved: the project folder may be a symbolic link)
    if path.is_dir():
        raise UsageError(f"there is no {SPEC_NAME} in {path}; `mlopsc init {path} --from data.csv` writes one")
    raise UsageError(f"{path} does not exist; `mlopsc init --from data.csv` writes a spec")
