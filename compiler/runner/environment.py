"""Which Python runs the steps, and whether it has what they import."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..diagnostics import MlopscError, UsageError
from ..records import record
from .steps import GENERATED

PROBE = """
import importlib.metadata as m, json, sys
versions = {}
for name in json.loads(sys.argv[1]):
    try:
        versions[name] = m.version(name)
    except m.PackageNotFoundError:
        versions[name] = None
print(json.dumps({"python": sys.version, "path": [p for p in sys.path if p], "versions": versions}))
"""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@record
class Interpreter:
    """The Python of the steps: where it is, and a hash of its version and of the packages that matter."""

    path: str
    fingerprint: str


def find_python(project: Path, env: Mapping[str, str]) -> str:
    """The interpreter that ``MLOPSC_PYTHON`` names, else that of ``.venv`` beside the spec, else this one."""
    named = env.get("MLOPSC_PYTHON")
    if named:
        return str(Path(named).expanduser().absolute()) if os.sep in named else named
    folder = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    local = project / ".venv" / folder
    return str(local) if local.exists() else sys.executable


def examine(python: str, project: Path, models: Iterable[str], memory: Path) -> Interpreter:
    """Make sure that ``python`` has the requirements of ``models``; MlopscError says what is missing and what to do."""
    names = _required(project, models)
    answer = _remembered(memory, python, names)
    if answer is None:
        answer = _ask(python, names)
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps({"question": [python, names], "answer": answer, "seen": _seen(answer["path"])}))
    missing = [name for name in names if answer["versions"][name] is None]
    if missing:
        raise MlopscError(_how_to_install(python, missing, project, sorted(models)))
    decided = json.dumps([answer["python"], answer["versions"]], sort_keys=True)
    return Interpreter(path=python, fingerprint=hashlib.sha256(decided.encode()).hexdigest())


def _required(project: Path, models: Iterable[str]) -> list[str]:
    """The distributions that the models' training requirements name."""
    names: set[str] = set()
    for model in models:
        file = project / GENERATED / "models" / model / "requirements-train.txt"
        if file.exists():
            lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
            found = (NAME.match(line) for line in lines)
            names.update(match.group().lower() for match in found if match)
    return sorted(names)


def _ask(python: str, names: list[str]) -> dict[str, Any]:
    import subprocess  # noqa: PLC0415  (only where the environment was not examined before)

    try:
        done = subprocess.run([python, "-c", PROBE, json.dumps(names)], capture_output=True, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        hint = "MLOPSC_PYTHON names the interpreter of the steps"
        raise UsageError(f"{python} does not run as Python: {error}\n  help: {hint}") from error
    return answer


def _remembered(memory: Path, python: str, names: list[str]) -> dict[str, Any] | None:
    """The last answer, while no folder that packages are installed to has changed."""
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
        same = kept["question"] == [python, names] and kept["seen"] == _seen(kept["answer"]["path"])
        answer: dict[str, Any] = kept["answer"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # asking again costs a tenth of a second
        return None
    return answer if same else None


def _seen(folders: list[str]) -> list[int]:
    return [Path(folder).stat().st_mtime_ns if Path(folder).exists() else 0 for folder in folders]


def _how_to_install(python: str, missing: list[str], project: Path, models: list[str]) -> str:
    files = " ".join(f"-r {GENERATED}/models/{model}/requirements-train.txt" for model in models)
    lines = [
        f"{python} lacks what the steps import: {', '.join(missing)}",
        "  help: pip install 'mlopsc[local]' brings what the defaults need",
        f"  help: or install {files} into {project / '.venv'}, which is used when it is there",
        "  help: or name another interpreter in MLOPSC_PYTHON",
    ]
    return "\n".join(lines)
