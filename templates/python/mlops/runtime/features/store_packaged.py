"""What packages have to do with stores: the store that a package carries, and the definitions that only it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Dataset, ModelConfig, Online, load_model
from ..core.errors import StepError
from . import store_latest
from .modules import FeatureModule, load_modules
from .store import Values, stored_features
from .store_sqlite import write
from .stores import SQLITE


def write_packaged(
    database: duckdb.DuckDBPyConnection, config: ModelConfig, modules: Mapping[str, FeatureModule], path: Path
) -> None:
    """Write the store that a package carries for one machine: as of the newest row that the model was trained on."""
    rows: list[tuple[str, str, Any]] = []
    status = None
    for name, module in modules.items():
        features = {one.name: one for one in config.features if one.name in stored_features(module)}
        online = config.online.get(name) or Online(store=SQLITE)
        if features and online.engine == "builtin" and online.store == SQLITE:
            moment = store_latest.newest(database, module)
            found = store_latest.values(database, store_latest.compute(database, module, features, moment), moment)
            rows, status = [*rows, *found.rows], found.status
    if status is not None:
        write(path, Values(rows=rows, status=status))


def rows_of(
    package: Path, name: str, dataset: Dataset, known: set[str], moment: datetime
) -> list[tuple[str, str, Any]]:
    """The values of those definitions of a packaged feature set that are not ``known``, from the sources of today."""
    if not (package / "features" / f"{name}.py").exists():
        return []
    config = load_model(package / "config.json")
    module = load_modules(config, package / "features").get(name)
    if module is None:
        return []
    others = {feature for feature, stored in stored_features(module).items() if stored.name not in known}
    features = {one.name: one for one in config.features if one.module == name and one.name in others}
    if not features:
        return []
    with duck.connection() as database:
        try:
            store_latest.read(database, module, features, dataset)
        except StepError:  # the source of today no longer has what it looks at: its values grow old
            return []
        groups = store_latest.compute(database, module, features, moment)
        return list(store_latest.values(database, groups, moment).rows)
