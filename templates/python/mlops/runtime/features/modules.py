"""The compiled feature modules, loaded from the project or from the package of a registered model."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core import duck, paths
from ..core.config import Feature, ModelConfig
from ..core.errors import StepError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An aggregate over the past of an entity: rows with ``time`` in (t - lag - window, t - lag], never t itself.

    ``known_at`` are the columns with the moments from which the aggregated values are known. ``over`` is the aggregate
    cut after each call, where it is more than one call: the places where SQL wants to know the window. With ``join``
    the rows are those of a joined dataset, whose ``time`` it is; ``by`` are the columns that find them.
    """

    aggregate: str
    by: tuple[str, ...]
    window_seconds: int
    lag_seconds: int
    time: str
    known_at: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    join: str | None = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """The aggregate cut after each call."""
        return self.over or (self.aggregate, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A row of another dataset for each row, found by equal columns; its columns are called ``<join>.<column>``.

    With ``time`` it is the newest one whose time is at most ``as_of - lag``, if it is not older than ``max_age``. A
    column in ``known_at`` is null while the moment that the other one holds has not come. Without ``time`` the columns
    ``theirs`` are the key of the dataset.
    """

    name: str
    dataset: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    columns: tuple[str, ...]
    time: str | None = None
    as_of: str | None = None
    lag_seconds: int = 0
    max_age_seconds: int | None = None
    known_at: Mapping[str, str] = field(default_factory=dict)

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that a store keeps for requests: with the time, from which a request sees how old a row is."""
        return tuple(dict.fromkeys((*self.columns, *([self.time] if self.columns and self.time is not None else []))))

    def qualified(self, column: str) -> str:
        """What a column of the joined dataset is called in the rows, in SQL and in the store."""
        return f"{self.name}.{column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureModule:
    """One compiled module: its dataset, the SQL of each feature, its windows, its joins and its Python functions."""

    name: str
    source: str
    sql: Mapping[str, str]
    windows: Mapping[str, Window]
    online: Mapping[str, tuple[Any, tuple[str, ...]]]
    joins: Mapping[str, Join] = field(default_factory=dict)


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
        windows={feature: Window(**_tuples(window)) for feature, window in windows.items()},
        joins={join: Join(name=join, **_tuples(written)) for join, written in getattr(module, "JOINS", {}).items()},
        online=getattr(module, "ONLINE", {}),
    )


def _tuples(written: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in written.items()}


def _execute(name: str, path: Path) -> ModuleType:
    # Not through sys.modules: two versions of a module, champion's and challenger's, live side by side.
    spec = importlib.util.spec_from_file_location(f"compiled_features.{name}", path)
    if spec is None or spec.loader is None:
        raise StepError(f"{path} cannot be loaded", "compile the spec again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
