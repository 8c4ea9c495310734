"""``params.yaml``: the same configuration by model, for tools that vary it and ask what changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...artifact import Json
from ...model.resolved import ResolvedModel
from ...planning.plan import Plan

PARAMETERS = "params.yaml"
ABOUT = """\

What every step of the pipeline depends on besides data and code. A stage of dvc.yaml takes its values from here, so
`dvc exp run --set-param` can vary them for an experiment; what shall stay belongs into mlops.yaml."""


def parameters(configs: Iterable[tuple[ResolvedModel, Json]], plan: Plan) -> Json:
    """Every part that a step depends on, by model; what is not configured is null, so that its arrival is a change."""
    return {model.name: _of_model(config, plan, model.name) for model, config in configs}


def _of_model(config: Any, plan: Plan, model: str) -> dict[str, Json]:
    keys = {key for step in plan.steps_of(model) for key in step.config}
    found: dict[str, Any] = {key: config.get(key) for key in sorted(keys) if "." not in key}
    for key in sorted(keys):
        top, _, part = key.partition(".")
        if part and isinstance(config.get(top), dict):
            found[top] = {**(found.get(top) or config[top]), part: config[top].get(part)}
    return found
