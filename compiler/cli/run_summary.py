"""What a run came to: metrics, gates, the registered version, and where things are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..reporters.table import cell, table
from .progress import relative

PLACES = {
    "metrics": "evaluate/metrics.json",
    "gates": "gate/gates.json",
    "package": "package",
}
"""What a person looks for after a run, below the model's work folder."""


UNITS = {"ms": 1000.0, "MB": 1e-6}
"""What turns seconds and bytes into the units that bounds are written in."""


def summary(project: Path, home: Path, models: Iterable[str], logs: Path) -> str:
    """The figures of each model's files, as they are now."""
    parts = [_of_model(project, home / "work" / model, model) for model in sorted(models)]
    return "\n\n".join([*parts, f"logs: {relative(logs, project)}"])


def _of_model(project: Path, work: Path, model: str) -> str:
    registered = _read(work / "register" / "registered.json")
    title = f"{model}: version {registered['version']}" if registered and "version" in registered else model
    alias = registered.get("alias") if registered else None
    parts = [f"{title} ({alias})" if alias else title]
    metrics = _read(work / "evaluate" / "metrics.json")
    if metrics:
        figures = {**metrics.get("metrics", {}), **metrics.get("business", {})}
        parts.append(
            table(["metric", "value"], [[name, _number(value)] for name, value in figures.items()], indent="  ")
        )
    gates = _read(work / "gate" / "gates.json")
    if gates:
        rows = [[g["gate"], _measured(g["value"], g["bound"]), g["bound"], g["verdict"], g["why"] or ""] for g in gates]
        parts.append(table(["gate", "value", "bound", "verdict", "why"], rows, indent="  "))
    places = [f"  {name}: {relative(work / path, project)}" for name, path in PLACES.items() if (work / path).exists()]
    return "\n\n".join([*parts, "\n".join(places)]).rstrip()


def _measured(value: float | None, bound: str) -> str:
    """A gate's value in the unit of its bound."""
    if value is None:
        return ""
    unit = bound.rpartition(" ")[2]
    return f"{value * UNITS[unit]:.2f} {unit}" if unit in UNITS else cell(value)


def _number(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _read(file: Path) -> Any:
    """The JSON of a file that a step wrote; None where the step did not run."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
