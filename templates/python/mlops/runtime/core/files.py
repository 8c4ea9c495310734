"""Files that are there as a whole or not at all."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import StepError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from error
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty temporary folder beside ``path`` that takes its place when the block ends well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with LF line ends, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, data: Any) -> None:
    """Write ``data`` as canonical JSON (sorted keys, two spaces, NaN as null), atomically."""
    text = json.dumps(finite(data), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False, default=str)
    write_text(path, text + "\n")


def read_json(path: Path, step: str) -> Any:
    """The JSON in ``path``; StepError names the ``step`` that writes it when it is not there."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise missing(path, step) from error


def missing(path: Path, step: str) -> StepError:
    """What to say when the output of an earlier step is not there."""
    return StepError(f"{path} does not exist", f"run the step '{step}' first")


def finite(data: Any) -> Any:
    """``data`` with every NaN and infinity replaced by None: JSON has neither."""
    if isinstance(data, dict):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(item) for item in data]
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data


def _cannot_write(path: Path, error: OSError) -> StepError:
    return StepError(f"cannot write {path}: {error.strerror or error}", "check the free space and the permissions")
