"""The compiled feature modules, loaded from the project or from the package of a registered model."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core import duck, paths
from ..core.config import Feature, ModelConfig
from ..core.errors import StepError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An aggregate over the past of an entity: rows with ``time`` in (t - lag - window, t - lag], never t itself."""

    aggregate: str
    by: tuple[str, ...]
    window_seconds: int
    lag_seconds: int
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureModule:
    """One compiled module: its dataset, the SQL of each feature, its windows and its Python functions."""

    name: str
    source: str
    sql: Mapping[str, str]
    windows: Mapping[str, Window]
    online: Mapping[str, tuple[Any, tuple[str, ...]]]


def project_features() -> Path:
    """The folder of the compiled features of this project."""
    return paths.GENERATED / "features"


def load_modules(config: ModelConfig, folder: Path) -> dict[str, FeatureModule]:
    """The modules that the features of the model come from, by name."""
    names = sorted({feature.module for feature in config.features})
    return {name: _load(name, folder / f"{name}.py") for name in names}


def feature_sql(feature: Feature, module: FeatureModule) -> str:
    """The SQL of a feature of one row, in the type that the model takes."""
    if feature.name not in module.sql:
        raise StepError(f"features/{module.name}.py has no feature '{feature.name}'", "compile the spec again")
    return typed_sql(feature, module.sql[feature.name])


def typed_sql(feature: Feature, sql: str) -> str:
    """The SQL with the type of the feature; an integer stays what it is, since a cast would round fractions."""
    return sql if feature.dtype == "integer" else f"CAST({sql} AS {duck.TYPES[feature.dtype]})"


def _load(name: str, path: Path) -> FeatureModule:
    if not path.exists():
        raise StepError(f"{path} does not exist", "compile the spec again")
    module = _execute(name, path)
    windows = getattr(module, "WINDOWS", {})
    return FeatureModule(
        name=name,
        source=module.SOURCE,
        sql=getattr(module, "SQL", {}),
        windows={feature: Window(**{**window, "by": tuple(window["by"])}) for feature, window in windows.items()},
        online=getattr(module, "ONLINE", {}),
    )


def _execute(name: str, path: Path) -> ModuleType:
    # Not through sys.modules: two versions of a module, champion's and challenger's, live side by side.
    spec = importlib.util.spec_from_file_location(f"compiled_features.{name}", path)
    if spec is None or spec.loader is None:
        raise StepError(f"{path} cannot be loaded", "compile the spec again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
