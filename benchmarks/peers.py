"""The environments of the peers, and ours: built once by uv, in a cache outside of this repository.

``python -m benchmarks.peers NAME…`` builds those that are missing and prints where their programs are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = {
    "click": ("click>=8.1",),
    "dbt": ("dbt-core<1.12", "dbt-duckdb"),
    "kfp": ("kfp==2.17.*",),
    "dvc": ("dvc==3.67.*",),
    "feast": ("feast[duckdb,redis]==0.67.*", "pandas<3"),
    "pandera": ("pandera==0.35.*", "pandas>=2.2", "duckdb>=1.4", "pyarrow>=18,<26"),  # what our validate step needs
    "great-expectations": ("great-expectations==1.24.*", "duckdb>=1.4", "pyarrow>=18,<26"),
}
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
}


def cache() -> Path:
    """Where the environments are kept; ``MLOPSC_PEERS`` names another folder."""
    named = os.environ.get("MLOPSC_PEERS")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named or f"{base}/mlopsc/peers").expanduser()


def peer(name: str) -> Path:
    """The ``bin`` of a peer's environment, which is built where it is not there yet."""
    place = _place(name)
    if not place.exists():
        print(f"building the environment of {name}", flush=True)
        building = place.with_name(f".{place.name}.{os.getpid()}")
        _environment(building, REQUIREMENTS[name])
        building.replace(place)
    return place / "bin"


def built(name: str) -> Path | None:
    """The ``bin`` of a peer's environment if it is there."""
    place = _place(name)
    return place / "bin" if place.exists() else None


def _place(name: str) -> Path:
    key = hashlib.sha256("\n".join([sys.version, *REQUIREMENTS[name]]).encode()).hexdigest()[:12]
    return cache() / f"{name}-{key}"


def ours(folder: Path) -> Path:
    """The ``bin`` of an environment below ``folder`` with the wheel of this working tree and nothing else."""
    print("building our wheel", flush=True)
    _uv("build", "--wheel", "--quiet", "--out-dir", str(folder / "wheel"), str(ROOT))
    (wheel,) = (folder / "wheel").glob("*.whl")
    _environment(folder / "environment", [str(wheel)])
    return folder / "environment" / "bin"


def _environment(folder: Path, requirements: Sequence[str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _uv("venv", "--quiet", "--relocatable", "--python", sys.executable, str(folder))
    _uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *requirements)


def _uv(*arguments: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([_tool(), *arguments], env=env | {"UV_COMPILE_BYTECODE": "1"}, check=True)


def _tool() -> str:
    """Uv: the one on the path, else one of our own in the cache."""
    found = shutil.which("uv")
    if found:
        return found
    place = cache() / "uv"
    if not (place / "bin" / "uv").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(place / "bin" / "uv")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(peer(wanted))
