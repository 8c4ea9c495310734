"""``dvc.yaml``: what each stage depends on is what ``mlopsc run`` looks at, so that both agree on what is stale."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...artifact import Json
from ...planning.plan import Plan, Step

PARAMETERS = "params.yaml"
_WILD = re.compile(r"[*?\[]")


def pipeline(plan: Plan) -> Mapping[str, Json]:
    """The stages in order, and the figures that ``dvc metrics`` and ``dvc plots`` show."""
    return {
        "stages": {stage_name(step): _stage(step) for step in plan.steps},
        "metrics": [f".mlops/work/{model}/evaluate/metrics.json" for model in plan.models],
    }


def stage_name(step: Step) -> str:
    """The name of a step among DVC's stages, where a slash must not stand."""
    return f"{step.model}-{step.name}"


def _stage(step: Step) -> dict[str, Json]:
    inputs = [_dependency(path) for path in step.inputs]
    found: dict[str, Json] = {
        "cmd": f"python -m mlops --params {PARAMETERS} {step.model} {step.name}",
        "deps": sorted({literal(path) for path in (*inputs, *step.code) if path}),
        "params": [{PARAMETERS: sorted(f"{step.model}.{key}" for key in step.config)}],
        "outs": [literal(path) for path in step.outputs],
    }
    # Nobody can look at an address from here: like `mlopsc run`, take it for changed, and compare what was read.
    return found | ({"always_changed": True} if "" in inputs else {})


def _dependency(path: str) -> str:
    """A file or folder whose content DVC can compare; of a pattern, the folder above it; empty where there is none."""
    if "://" in path:
        return ""
    wild = _WILD.search(path)
    return path[: wild.start()].rpartition("/")[0] if wild else path


def literal(text: str) -> str:
    """A text in which DVC looks for no variables."""
    return text.replace("${", "\\${")
