"""The registered versions of models: the last one from the work folder, all of them from the generated code."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..diagnostics import MlopscError, UsageError
from ..records import record
from .environment import find_python
from .run import home_of
from .schedule import default_environment
from .steps import GENERATED

USAGE = 2


@record
class Version:
    """A registered version; ``made_of`` are its tags, ``changed`` what would be different now."""

    model: str
    version: str
    aliases: tuple[str, ...] = ()
    registered: str | None = None
    run_id: str | None = None
    made_of: Mapping[str, str]
    changed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it is asked for."""
        return f"{self.model}@{self.version}"


def last_registered(project: Path, model: str, files: Mapping[str, str]) -> Version | None:
    """The version that the steps registered last on this machine; None before the first.

    ``files`` has the SHA-256 of the one file that a dataset is read from.
    """
    file = home_of(project, os.environ) / "work" / model / "register" / "registered.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        tags: dict[str, str] = found["tags"]
        changed = tuple(_changed(project, model, tags, files))
        version, run = str(found["version"]), found.get("run_id")
        return Version(model=model, version=version, run_id=run, made_of=tags, changed=changed)
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # not yet, torn, or of another version
        return None


def _changed(project: Path, model: str, tags: Mapping[str, str], files: Mapping[str, str]) -> Iterator[str]:
    """What can be told from here: the configuration, and data that is one file."""
    config = project / GENERATED / "models" / model / "config.json"
    if config.exists() and tags.get("config") not in {None, hashlib.sha256(config.read_bytes()).hexdigest()}:
        yield "the configuration"
    for name, content in files.items():
        if tags.get(f"data.{name}") not in {None, content}:
            yield f"the data of {name}"


def registered(project: Path, wanted: str) -> tuple[Version, ...]:
    """The versions that ``MODEL@VERSION`` names, from the registry; the generated code asks it, with its libraries."""
    python = find_python(project, os.environ)
    command = [python, "-m", "mlops", "lineage", wanted, "--json"]
    env = default_environment(os.environ)
    try:
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UsageError(f"{python} does not run: {error.strerror}\n  help: MLOPSC_PYTHON names another one") from error
    if done.returncode:
        said = done.stderr.strip().removeprefix("error: ") or "python -m mlops lineage failed"
        raise (UsageError if done.returncode == USAGE else MlopscError)(said)
    return tuple(
        Version(
            model=model["model"],
            version=one["version"],
            aliases=tuple(one["aliases"]),
            registered=one["registered"],
            run_id=one["run_id"],
            made_of=one["made_of"],
            changed=tuple(one["changed"]),
        )
        for model in json.loads(done.stdout)["models"]
        for one in model["versions"]
    )
