# mypy: disable-error-code="import-untyped, import-not-found"
"""``--params``: values of a file in place of the compiled ones, for tools that vary them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import paths
from .errors import StepError, UsageError
from .files import write_json


def use(file: str) -> None:
    """Take the configuration of every model from ``file`` where that says something else than what was compiled."""
    found = _read(paths.root() / file)
    for model in paths.model_names():
        compiled = json.loads(paths.compiled_config(model).read_text(encoding="utf-8"))
        varied = _over(compiled, found.get(model) or {})
        target = paths.varied_config(model)
        if varied == compiled:
            target.unlink(missing_ok=True)
        else:
            paths.prepare_home()
            write_json(target, varied)
    paths.vary()


def _over(compiled: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """``compiled`` with each part that ``values`` has; a part that is null stays what it is where it was not there."""
    found = dict(compiled)
    for key, value in values.items():
        if isinstance(value, dict):
            before = compiled.get(key)
            known = before if isinstance(before, dict) else {}
            found[key] = {name: item for name, item in value.items() if item is not None or name in known}
        elif value is not None or key in compiled:
            found[key] = value
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        import yaml  # noqa: PLC0415 - only where parameters are varied
    except ModuleNotFoundError as error:
        raise StepError("the package 'pyyaml' is not installed", "pip install pyyaml") from error
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist", "compile the spec again") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StepError(f"{path} is no YAML: {' '.join(str(error).split())}", "compile the spec again") from error
    if not isinstance(found, dict) or not all(isinstance(value, dict) for value in found.values()):
        raise StepError(f"{path} does not hold the parameters of models", "compile the spec again")
    return found
