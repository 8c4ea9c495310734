"""Where a model comes from: the data, the code, the configuration, the commit, and the verdicts that let it pass."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from ..core import paths
from ..core.config import ModelConfig
from ..core.files import read_json
from ..core.paths import Work
from ..data.tracked import tracked

SPEC = "mlops.yaml"
IGNORED = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
LONGEST = 2000
"""Characters of a tag; MLflow refuses very long ones."""

_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def record(config: ModelConfig, work: Work) -> dict[str, Any]:
    """All that decided a model, as a version keeps it; hashes are SHA-256 of content."""
    trained = read_json(work.train_report, "train")
    return {
        "project": config.project,
        "model": config.model,
        "owner": config.owner,
        "data": data_record(config, work),
        "code": code_hash(config),
        "config": config_hash(config),
        "spec": _file_hash(paths.root() / SPEC),
        "parameters": {name: trained[name] for name in ("estimator", "params", "threshold")}
        | {"seed": config.train.seed},
        "git": {"commit": git_commit() or None, "changed": git_changed()},
        "environment": environment(config),
        "gates": [{"gate": gate["gate"], "verdict": gate["verdict"]} for gate in read_json(work.gates, "gate")],
    }


def lineage(config: ModelConfig, work: Work) -> dict[str, str]:
    """The tags of a run and of a version; what is not known (no Git, say) is left out."""
    return tags_of(record(config, work), data=data_hash(work))


def tags_of(found: dict[str, Any], *, data: str = "") -> dict[str, str]:
    """A record as short texts."""
    git = found["git"]
    tags = {
        "model": found["model"],
        "owner": found["owner"],
        "data": data,
        **{f"data.{label}": entry["sha256"] for label, entry in found["data"].items()},
        **{f"dvc.{label}": _dvc_words(entry["dvc"]) for label, entry in found["data"].items() if entry["dvc"]},
        "code": found["code"],
        "config": found["config"],
        "spec": found["spec"],
        "parameters": _parameter_words(found["parameters"]),
        "git_commit": git["commit"],
        "git_changed": {True: "yes", False: "no"}.get(git["changed"]),
        "environment": _environment_words(found["environment"]),
        "gates": ", ".join(f"{gate['gate']}: {gate['verdict']}" for gate in found["gates"]) or "none",
    }
    return {name: str(value) for name, value in tags.items() if value}


def data_record(config: ModelConfig, work: Work) -> dict[str, Any]:
    """What was read of each dataset: where from, its content, its rows, and what DVC calls it."""
    read = read_json(work.ingest_report, "ingest")["datasets"]
    sources = {label: dataset.source for label, dataset in config.datasets.items()}
    return {
        label: {
            "source": entry["source"],
            "sha256": entry["sha256"],
            "rows": entry["rows"],
            "dvc": tracked(sources[label].path) if label in sources else None,
        }
        for label, entry in sorted(read.items())
    }


def data_hash(work: Work) -> str:
    """One hash over the sources of all datasets."""
    datasets = read_json(work.ingest_report, "ingest")["datasets"]
    lines = [f"{name} {entry['sha256'] or ''}" for name, entry in sorted(datasets.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def config_hash(config: ModelConfig) -> str:
    """The hash of the compiled configuration."""
    return hashlib.sha256(paths.config_file(config.model).read_bytes()).hexdigest()


def code_hash(config: ModelConfig) -> str:
    """One hash over all code that the steps of the model run: generated, compiled from the spec, and the user's own."""
    named = sorted({path for step in config.steps for path in step.code})
    digest = hashlib.sha256()
    for file in _files(paths.root() / path for path in named):
        relative = file.relative_to(paths.root()).as_posix()
        digest.update(f"{relative}\0{_file_hash(file)}\n".encode())
    return digest.hexdigest()


def environment(config: ModelConfig) -> dict[str, Any]:
    """Python, the system, and the version of each package that the steps of the model require."""
    file = paths.compiled_config(config.model).with_name("requirements-train.txt")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = sorted({match.group().lower() for line in lines if (match := _DISTRIBUTION.match(line.strip()))})
    packages = {name: version for name in names if (version := _version(name))}
    return {"python": platform.python_version(), "system": platform.platform(), "packages": packages}


def git_commit() -> str:
    """The commit that is checked out; empty outside of Git."""
    return os.environ.get("GITHUB_SHA") or (_git("rev-parse", "HEAD") or "").strip()


def git_changed() -> bool | None:
    """Whether a file that Git knows is not as in that commit; None outside of Git."""
    # DVC writes its lock while the steps run.
    found = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)dvc.lock")
    return None if found is None else bool(found.strip())


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=paths.root(), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def _files(named: Iterable[Path]) -> Iterator[Path]:
    for path in named:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and not IGNORED.intersection(file.parts))


def _file_hash(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _dvc_words(found: dict[str, Any]) -> str:
    changed = ", changed since" if found.get("changed") else ""
    rev = f", from {found['rev']}" if found.get("rev") else ""
    return f"md5 {found['md5']} in {found['file']}{rev}{changed}"


def _parameter_words(found: dict[str, Any]) -> str:
    values = {**found["params"], "seed": found["seed"], "threshold": found["threshold"]}
    said = ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)
    return f"{found['estimator']}: {said}"[:LONGEST]


def _environment_words(found: dict[str, Any]) -> str:
    return ", ".join([f"python {found['python']}", *(f"{name} {v}" for name, v in found["packages"].items())])
