"""The generated repository stands by itself: read by its own runtime, typed, linted, without the compiler."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import itertools
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = ["penguins", "diabetes", "own-training", "flight-delays"]


def module_at(path: Path) -> Any:
    """A module loaded from a file, as the generated code would import it."""
    spec = importlib.util.spec_from_file_location(f"generated_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("example", EXAMPLES)
def test_generated_configuration_is_what_the_runtime_reads(example: str, compiled: Callable[..., Path]) -> None:
    """Every key that is written is known to the code that reads it, and none that it needs is missing."""
    folder = compiled(example)
    config = module_at(folder / "mlops/runtime/core/config.py")
    plan = config.load_plan(folder / "mlops/plan.json")
    models = [config.load_model(file) for file in sorted((folder / "mlops/models").glob("*/config.json"))]
    assert [model.model for model in models] == plan.models
    for model in models:
        assert [step.name for step in model.steps] == [
            *("ingest", "validate", "features", "split", "train", "evaluate", "gate", "register", "package")
        ]
        assert {feature.module for feature in model.features} <= {
            file.stem for file in (folder / "mlops/features").glob("*.py")
        }


def test_generated_steps_depend_on_keys_that_exist(compiled: Callable[..., Path]) -> None:
    """What decides the outcome of a step names real keys, and registering depends on all of them."""
    folder = compiled("flight-delays")
    config = module_at(folder / "mlops/runtime/core/config.py")
    known = {field.name for field in dataclasses.fields(config.ModelConfig)}
    steps = {step.name: step for step in config.load_model(folder / "mlops/models/late-arrival/config.json").steps}
    for step in steps.values():
        assert {key.partition(".")[0] for key in step.config} <= known
    assert set(steps["register"].config) == known - {"steps"}
    assert steps["ingest"].inputs == ["data/flights.parquet"]
    assert steps["features"].code[2:] == ["mlops/features/flight_features.py"]
    for one, before in itertools.pairwise(reversed(steps.values())):
        assert one.needs == [before.id]


def test_generated_flights_configuration_says_what_the_spec_says(compiled: Callable[..., Path]) -> None:
    """The figures of the spec arrive in the units that the steps use."""
    folder = compiled("flight-delays")
    config = json.loads((folder / "mlops/models/late-arrival/config.json").read_text())
    plan = json.loads((folder / "mlops/plan.json").read_text())
    assert config["task"] == "binary-classification"
    assert config["label"] == {"columns": ["arr_delay"], "dtype": "boolean", "nulls": "drop", "sql": "arr_delay > 15"}
    assert config["decision"] == {"threshold": None, "metric": "saved_minutes", "goal": "maximize"}
    assert config["gates"][4] == {"insufficient": "fail", "kind": "latency_p95", "max": 0.1}
    assert config["gates"][5] == {"insufficient": "fail", "kind": "model_size", "max": 20_000_000}
    assert config["datasets"]["later_flights"]["trains"] is False
    assert config["datasets"]["flights"]["columns"]["arr_delay"]["available_after_seconds"] == 86_400
    assert config["online"] == {"flight_features": {"missing": "null", "store": "sqlite"}}
    assert plan["monitors"]["accuracy"]["labels"] == "later_flights"
    assert plan["monitors"]["accuracy"]["goal"] == "maximize"
    assert plan["monitors"]["drift"]["cooldown_seconds"] == 45 * 86_400
    assert [(t["kind"], t["model"], t["monitor"]) for t in plan["triggers"]] == [
        ("schedule", "late-arrival", None),
        ("breach", "late-arrival", "accuracy"),
        ("breach", "late-arrival", "drift"),
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_generated_code_never_imports_the_compiler(example: str, compiled: Callable[..., Path]) -> None:
    """Uninstall the compiler and everything still works."""
    for path in compiled(example).joinpath("mlops").rglob("*.py"):
        assert "mlopsc" not in {name.partition(".")[0] for name in imported(path)}, path


@pytest.mark.parametrize("example", EXAMPLES)
def test_generated_code_passes_ruff(
    example: str, compiled: Callable[..., Path], tool: Callable[[str], str], judge: Any
) -> None:
    """It is linted and formatted, by the rules that it brings with it."""
    judge([tool("ruff"), "check", "--no-cache", "mlops"], compiled(example))
    judge([tool("ruff"), "format", "--no-cache", "--check", "mlops"], compiled(example))


@pytest.mark.parametrize("example", ["flight-delays"])
def test_generated_code_passes_mypy_strict(
    example: str, compiled: Callable[..., Path], judge: Any, tmp_path: Path
) -> None:
    """It is fully typed."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "mlops"]
    assert judge(command, compiled(example)).startswith("Success: no issues found in ")


def imported(path: Path) -> set[str]:
    """The absolute names that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


DISTRIBUTIONS = {"sklearn": "scikit-learn", "mlflow": "mlflow-skinny"}
BROUGHT_ALONG = {"requests": "oras", "fsspec": "s3fs", "pydantic": "fastapi", "threadpoolctl": "scikit-learn"}
OPTIONAL = {
    "sqlalchemy",
    "oras",
    "fsspec",
    "requests",
    "pyarrow",
}  # imported only by the sources and stores that need them


@pytest.mark.parametrize("example", ["penguins", "own-training", "flight-delays"])
def test_generated_requirements_name_all_that_is_imported(example: str, compiled: Callable[..., Path]) -> None:
    """Nothing that the steps, the service and the monitors import is left to chance."""
    folder = compiled(example) / "mlops"
    roles = {
        "train": ("core", "data", "features", "train"),
        "serve": ("core", "serve"),
        "monitor": ("core", "monitor"),
    }
    for role, parts in roles.items():
        files = [*folder.glob(f"models/*/requirements-{role}.txt"), *folder.glob(f"requirements-{role}.txt")]
        named = {name for file in files for name in re.findall(r"^[\w-]+", file.read_text(), re.MULTILINE)}
        if not files:
            continue
        modules = [path for part in parts for path in (folder / "runtime" / part).glob("*.py")]
        names = {name.partition(".")[0] for path in modules for name in imported(path)} - set(sys.stdlib_module_names)
        wanted = {DISTRIBUTIONS.get(name, BROUGHT_ALONG.get(name, name)) for name in names - OPTIONAL}
        if example != "flight-delays":
            wanted.discard("optuna")  # nothing is tuned
        assert wanted <= named, (role, wanted - named)
