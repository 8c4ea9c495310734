"""The compiled feature modules, loaded from the project or from the package of a registered model."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core import paths
from ..core.config import ModelConfig
from ..core.errors import StepError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An aggregate over the past of an entity: rows with ``time`` in (t - lag - window, t - lag], never t itself.

    ``known_at`` are the columns with the moments from which the aggregated values are known. ``over`` is the aggregate
    cut after each call, where it is more than one call: the places where SQL wants to know the window.
    """

    aggregate: str
    by: tuple[str, ...]
    window_seconds: int
    lag_seconds: int
    time: str
    known_at: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    @property
    def pieces(self) -> tuple[str, ...]:
        """The aggregate cut after each call."""
        return self.over or (self.aggregate, "")


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


def _load(name: str, path: Path) -> FeatureModule:
    if not path.exists():
        raise StepError(f"{path} does not exist", "compile the spec again")
    module = _execute(name, path)
    windows = getattr(module, "WINDOWS", {})
    return FeatureModule(
        name=name,
        source=module.SOURCE,
        sql=getattr(module, "SQL", {}),
        windows={feature: _window(window) for feature, window in windows.items()},
        online=getattr(module, "ONLINE", {}),
    )


def _window(written: Mapping[str, Any]) -> Window:
    return Window(**{key: tuple(value) if isinstance(value, list) else value for key, value in written.items()})


def _execute(name: str, path: Path) -> ModuleType:
    # Not through sys.modules: two versions of a module, champion's and challenger's, live side by side.
    spec = importlib.util.spec_from_file_location(f"compiled_features.{name}", path)
    if spec is None or spec.loader is None:
        raise StepError(f"{path} cannot be loaded", "compile the spec again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
