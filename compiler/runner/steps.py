"""The steps to run, read from the compiled files: the runner never looks at the spec."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..diagnostics import UsageError
from ..records import record

GENERATED = "mlops"


@record
class RunStep:
    """One compiled step; paths are relative to the project folder, ``config`` is the JSON that decides its outcome."""

    id: str
    model: str
    name: str
    needs: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    code: tuple[str, ...]
    config: str
    env: tuple[str, ...]


def load_steps(project: Path) -> tuple[RunStep, ...]:
    """Every step of every compiled model of the project, in the plan's order."""
    found: list[RunStep] = []
    for file in sorted((project / GENERATED / "models").glob("*/config.json")):
        found.extend(_steps_of(file))
    if not found:
        raise UsageError(f"no compiled model below {project / GENERATED}\n  help: run `mlopsc compile` first")
    return tuple(found)


def _steps_of(file: Path) -> list[RunStep]:
    try:
        config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return [_step(file.parent.name, config, raw) for raw in config["steps"]]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file} is not what the compiler writes ({error})\n  help: run `mlopsc compile --force`"
        raise UsageError(message) from error


def _step(model: str, config: dict[str, Any], raw: dict[str, Any]) -> RunStep:
    return RunStep(
        id=raw["id"],
        model=model,
        name=raw["name"],
        needs=tuple(raw["needs"]),
        inputs=tuple(raw["inputs"]),
        outputs=tuple(raw["outputs"]),
        code=tuple(raw["code"]),
        config=json.dumps({key: _part(config, key) for key in raw["config"]}, sort_keys=True),
        env=tuple(raw.get("env", ())),
    )


def _part(config: dict[str, Any], key: str) -> Any:
    """The part of the configuration that a dotted key names; None where there is none."""
    part: Any = config
    for name in key.split("."):
        part = part.get(name) if isinstance(part, dict) else None
    return part


@record
class Selection:
    """What to bring up to date, and which of it must run even if nothing changed."""

    steps: tuple[RunStep, ...]
    forced: frozenset[str]


def select(steps: Sequence[RunStep], names: Sequence[str], *, start: str | None, force: bool) -> Selection:
    """The steps that ``[MODEL] [STEP…]`` asks for with all that they need.

    ``force`` runs what was asked for, ``start`` that step and everything after it, whatever the cache says.
    """
    model, wanted = _split(steps, names)
    asked = [s for s in steps if model in (None, s.model) and (not wanted or s.name in wanted)]
    chosen = _with_needs(steps, asked)
    forced = {s.id for s in asked} if force else set()
    if start is not None:
        _known(start, {s.name for s in steps}, "step")
        forced |= _after(chosen, {s.id for s in chosen if s.name == start})
    return Selection(steps=chosen, forced=frozenset(forced))


def _split(steps: Sequence[RunStep], names: Sequence[str]) -> tuple[str | None, frozenset[str]]:
    """Tell the model from the steps; without a model, the steps of every one are meant."""
    models, step_names = {s.model for s in steps}, {s.name for s in steps}
    model, rest = (names[0], names[1:]) if names and names[0] in models else (None, names)
    if names and model is None:
        _known(names[0], models | step_names, "model or step")
    for name in rest:
        _known(name, step_names, "step")
    return model, frozenset(rest)


def _known(name: str, known: Iterable[str], what: str) -> None:
    names = sorted(known)
    if name not in names:
        import difflib  # noqa: PLC0415  (only for a name that is mistyped)

        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there is: {', '.join(names)}"
        raise UsageError(f"unknown {what} '{name}'; {hint}")


def _with_needs(steps: Sequence[RunStep], asked: Sequence[RunStep]) -> tuple[RunStep, ...]:
    by_id = {s.id: s for s in steps}
    keep: set[str] = set()
    todo = [s.id for s in asked]
    while todo:
        step_id = todo.pop()
        if step_id not in keep and step_id in by_id:
            keep.add(step_id)
            todo.extend(by_id[step_id].needs)
    return tuple(s for s in steps if s.id in keep)


def _after(steps: Sequence[RunStep], first: set[str]) -> set[str]:
    """``first`` and everything that waits for it; the steps stand in an order in which needs come first."""
    found = set(first)
    for step in steps:
        if found.intersection(step.needs):
            found.add(step.id)
    return found
