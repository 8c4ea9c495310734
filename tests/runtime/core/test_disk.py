"""A disk that is full or a home that cannot be written: a message, and nothing half-written."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
files = import_module(f"{RUNTIME}.core.files")
duck = import_module(f"{RUNTIME}.core.duck")

FULL = Path("/dev/full")


def test_home_that_is_a_file_is_a_message(penguins: Any) -> None:
    """Where the home cannot be made the first step says so."""
    (penguins.folder / ".mlops").write_text("")
    done = penguins.step("ingest", code=1)
    assert done.stderr == (
        f"error: cannot write to {penguins.folder}/.mlops: File exists\n  help: MLOPS_HOME can name another folder\n"
    )


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When a block fails the file is what it was, and no temporary file is left."""
    path = tmp_path / "metrics.json"
    files.write_json(path, {"accuracy": 0.9})
    with pytest.raises(ZeroDivisionError):
        _interrupted(path)
    assert path.read_text() == '{\n  "accuracy": 0.9\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(path: Path) -> float:
    with files.replacing(path) as temporary:
        temporary.write_text("{")
        return 1 / 0


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_full_disk_is_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text and Parquet on a device without space: cannot write, with what to check."""
    monkeypatch.setattr(Path, "replace", lambda self, target: (self, target))
    for write in (_text, _parquet):
        path = tmp_path / f"{write.__name__}.out"
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        temporary.symlink_to(FULL)
        with pytest.raises(Exception, match=f"cannot write {path}: .*No space left on device"):
            write(path)


def _text(path: Path) -> None:
    files.write_text(path, "penguins\n" * 10000)


def _parquet(path: Path) -> None:
    with duck.connection() as database:
        duck.write(database, "SELECT * FROM range(1000000)", path)


def test_json_has_no_nan(tmp_path: Path) -> None:
    """NaN and infinity are null, keys are sorted, the file ends with a line end."""
    files.write_json(tmp_path / "a.json", {"b": float("nan"), "a": [float("inf"), 1.5]})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": [\n    null,\n    1.5\n  ],\n  "b": null\n}\n'
