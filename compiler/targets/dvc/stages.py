"""``dvc.yaml``: what each stage depends on is what ``mlopsc run`` looks at, so that both agree on what is stale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...artifact import Json
from ...planning.plan import Plan, Step

PARAMETERS = "params.yaml"
RECORDING = frozenset({"gate", "register"})
"""Steps that write to the tracking server or the registry: earlier outputs would not undo or repeat that."""

_WILD = re.compile(r"[*?\[]")


def pipeline(plan: Plan, tuned: Iterable[str]) -> Mapping[str, Json]:
    """The stages in order, and the figures that ``dvc metrics`` and ``dvc plots`` show."""
    found: dict[str, Json] = {
        "stages": {stage_name(step): _stage(step) for step in plan.steps},
        "metrics": [f".mlops/work/{model}/evaluate/metrics.json" for model in plan.models],
    }
    plots = [_trials(model) for model in sorted(tuned)]
    return found | ({"plots": plots} if plots else {})


def stage_name(step: Step) -> str:
    """The name of a step among DVC's stages, where a slash must not stand."""
    return f"{step.model}-{step.name}"


def _stage(step: Step) -> dict[str, Json]:
    inputs = [_dependency(path) for path in step.inputs]
    found: dict[str, Json] = {
        "cmd": f"python -m mlops --params {PARAMETERS} {step.model} {step.name}",
        "deps": sorted({literal(path) for path in (*inputs, *step.code) if path}),
        "params": [{PARAMETERS: sorted(f"{step.model}.{key}" for key in step.config)}],
        # Kept until the step replaces them, such outputs are not taken from an earlier run either.
        "outs": [{path: {"persist": True}} if step.name in RECORDING else path for path in step.outputs],
    }
    # Nobody can look at an address from here: like `mlopsc run`, take it for changed, and compare what was read.
    return found | ({"always_changed": True} if "" in inputs else {})


def _trials(model: str) -> Json:
    """What each trial of a search was worth."""
    file = f".mlops/work/{model}/train/train.json"
    return {f"{model} trials": {"x": {file: "number"}, "y": {file: "value"}, "template": "scatter"}}


def _dependency(path: str) -> str:
    """A file or folder whose content DVC can compare; of a pattern, the folder above it; empty where there is none."""
    if "://" in path or "${" in path:
        return ""
    wild = _WILD.search(path)
    return path[: wild.start()].rpartition("/")[0] if wild else path


def literal(text: str) -> str:
    """A text in which DVC looks for no variables."""
    return text.replace("${", "\\${")
