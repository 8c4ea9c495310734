"""Where a model comes from: the data, the commit, the configuration and the verdicts that let it pass."""

from __future__ import annotations

import hashlib
import os
import subprocess

from ..core import paths
from ..core.config import ModelConfig
from ..core.files import read_json
from ..core.paths import Work


def lineage(config: ModelConfig, work: Work) -> dict[str, str]:
    """The tags of a run and of a version; what is not known (no Git, say) is left out."""
    gates = read_json(work.gates, "gate")
    tags = {
        "model": config.model,
        "owner": config.owner or "",
        "data": data_hash(work),
        "config": config_hash(config),
        "git_commit": git_commit(),
        "gates": ", ".join(f"{gate['gate']}: {gate['verdict']}" for gate in gates) or "none",
    }
    return {name: value for name, value in tags.items() if value}


def data_hash(work: Work) -> str:
    """One hash over the sources of all datasets."""
    datasets = read_json(work.ingest_report, "ingest")["datasets"]
    lines = [f"{name} {entry['sha256'] or ''}" for name, entry in sorted(datasets.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def config_hash(config: ModelConfig) -> str:
    """The hash of the compiled configuration."""
    return hashlib.sha256(paths.config_file(config.model).read_bytes()).hexdigest()


def git_commit() -> str:
    """The commit that is checked out; empty outside of Git."""
    if os.environ.get("GITHUB_SHA"):
        return os.environ["GITHUB_SHA"]
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=paths.root(), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
