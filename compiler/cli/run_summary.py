"""What a run came to: metrics, gates, the registered version, and where things are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..reporters.table import cell, table
from ..runner.schedule import Result, Status
from .progress import relative

PLACES = {
    "evaluate": ("metrics", "evaluate/metrics.json"),
    "gate": ("gates", "gate/gates.json"),
    "package": ("package", "package"),
}
"""What a person looks for after a step: what it is called, and where it lies below the model's work folder."""

TOLD = frozenset({Status.DONE, Status.CACHED, Status.GATE})
"""Only what such a step wrote belongs to this run; older files are not shown."""

UNITS = {"ms": 1000.0, "MB": 1e-6}
"""What turns seconds and bytes into the units that bounds are written in."""


def summary(project: Path, home: Path, results: Iterable[Result], logs: Path) -> str:
    """The figures of each model whose steps ended well, and where the logs are."""
    told: dict[str, set[str]] = {}
    for result in results:
        names = told.setdefault(result.step.model, set())
        if result.status in TOLD:
            names.add(result.step.name)
    parts = [_of_model(project, home / "work" / model, model, steps) for model, steps in sorted(told.items())]
    return "\n\n".join([*parts, f"logs: {relative(logs, project)}"])


def _of_model(project: Path, work: Path, model: str, steps: set[str]) -> str:
    registered = _read(work / "register" / "registered.json") if "register" in steps else None
    alias = f" ({registered['alias']})" if registered and registered.get("alias") else ""
    parts = [f"{model}: version {registered['version']}{alias}" if registered else model]
    metrics = _read(work / "evaluate" / "metrics.json") if "evaluate" in steps else None
    if metrics:
        figures = {**metrics.get("metrics", {}), **metrics.get("business", {})}
        parts.append(
            table(["metric", "value"], [[name, _number(value)] for name, value in figures.items()], indent="  ")
        )
    gates = _read(work / "gate" / "gates.json") if "gate" in steps else None
    if gates:
        rows = [[g["gate"], _measured(g["value"], g["bound"]), g["bound"], g["verdict"], g["why"] or ""] for g in gates]
        parts.append(table(["gate", "value", "bound", "verdict", "why"], rows, indent="  "))
    places = [f"  {name}: {relative(work / path, project)}" for step, (name, path) in PLACES.items() if step in steps]
    return "\n\n".join([*parts, *(["\n".join(places)] if places else [])])


def _measured(value: float | None, bound: str) -> str:
    """A gate's value in the unit of its bound."""
    if value is None:
        return ""
    unit = bound.rpartition(" ")[2]
    return f"{value * UNITS[unit]:.2f} {unit}" if unit in UNITS else cell(value)


def _number(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _read(file: Path) -> Any:
    """The JSON of a file that a step wrote; None where it wrote none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
