"""What each step did last: the key of all that decided its outcome, and the content of what it wrote."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ..records import record
from .fingerprint import Fingerprints
from .steps import RunStep


@record
class Key:
    """All that decides the outcome of a step, each part as a hash: what says whether it is stale, and why."""

    parts: dict[str, str]


@record
class Record:
    """A step that ended well: what decided it, its outputs' content, its seconds and its last words."""

    parts: dict[str, str]
    outputs: dict[str, str]
    seconds: float
    said: str


class Cache:
    """One small file per step; a step without a valid one runs."""

    def __init__(self, folder: Path, prints: Fingerprints, environment: str) -> None:
        self._folder = folder
        self._prints = prints
        self._environment = environment

    def key(self, step: RunStep, env: Mapping[str, str]) -> Key:
        """Everything declared that decides the outcome of ``step``."""
        parts = {
            "environment": self._environment,
            **{f"config {name}": _hash(value) for name, value in json.loads(step.config).items()},
            **{f"env {name}": _hash(env.get(name)) for name in step.env},
            **{f"input {path}": self._prints.of(path) for path in step.inputs},
            **{f"code {path}": self._prints.of(path) for path in step.code},
        }
        return Key(parts=parts)

    def current(self, step: RunStep, key: Key) -> Record | None:
        """The record of ``step`` if it has this ``key`` and its outputs are still as it left them."""
        record = self.last(step)
        if record is None or record.parts != key.parts or set(record.outputs) != set(step.outputs):
            return None
        return None if self.touched(record) else record

    def touched(self, record: Record) -> tuple[str, ...]:
        """The outputs that are not as their step left them."""
        return tuple(path for path, content in record.outputs.items() if self._prints.of(path) != content)

    def keep(self, step: RunStep, key: Key, *, seconds: float, said: str) -> None:
        """Remember that ``step`` ended well, with what it wrote."""
        outputs = {path: self._prints.of(path) for path in step.outputs}
        record = Record(parts=key.parts, outputs=outputs, seconds=round(seconds, 3), said=said)
        file = self._file(step)
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(asdict(record), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        temporary.replace(file)

    def drop(self, step: RunStep) -> None:
        """Forget ``step``; done before it starts, so that a killed one is never taken for done."""
        self._file(step).unlink(missing_ok=True)

    def look_again(self) -> None:
        """A step ended: files may have changed, its own and others."""
        self._prints.look_again()

    def last(self, step: RunStep) -> Record | None:
        """What is remembered of ``step``, current or not."""
        try:
            return Record(**json.loads(self._file(step).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # lost, torn or of another version: the step runs again
            return None

    def _file(self, step: RunStep) -> Path:
        return self._folder / f"{step.model}--{step.name}.json"


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
