"""What packages have to do with stores: the store that a package carries, and the definitions that only it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from ..core import duck
from ..core.config import Dataset, ModelConfig, Online, load_model
from ..core.errors import StepError
from . import store_latest
from .modules import FeatureModule, load_modules
from .store import Row, Values, stored_columns, stored_features
from .store_sqlite import write
from .stores import SQLITE


def write_packaged(
    database: duckdb.DuckDBPyConnection, config: ModelConfig, modules: Mapping[str, FeatureModule], path: Path
) -> None:
    """Write the store that a package carries for one machine: as of the newest row that the model was trained on."""
    rows: list[Row] = []
    statuses = []
    for name, module in modules.items():
        stored = stored_features(module)
        features = {one.name: one for one in config.features if one.module == name and one.name in stored}
        types = store_latest.stored_types(module, features, config.datasets)
        online = config.online.get(name) or Online(store=SQLITE)
        if types and online.engine == "builtin" and online.store == SQLITE:
            found = store_latest.values(database, store_latest.compute(database, module, types))
            rows += found.rows
            statuses.append(found.status)
    if statuses:
        write(path, Values(rows=rows, status=min(statuses, key=lambda status: status.as_of)))


def rows_of(package: Path, name: str, datasets: Mapping[str, Dataset], known: set[str], until: datetime) -> list[Row]:
    """The values of those definitions of a packaged feature set that are not ``known``, from the sources of today."""
    if not (package / "features" / f"{name}.py").exists():
        return []
    config = load_model(package / "config.json")
    module = load_modules(config, package / "features").get(name)
    if module is None:
        return []
    stored = stored_features(module) | stored_columns(module)
    others = {feature for feature, one in stored.items() if one.name not in known}
    features = {one.name: one for one in config.features if one.module == name and one.name in others}
    types = store_latest.stored_types(module, features, config.datasets)
    types = {feature: dtype for feature, dtype in types.items() if feature in others}
    if not types:
        return []
    with duck.connection() as database:
        try:
            store_latest.read(database, module, features, {**config.datasets, **datasets})
            groups = store_latest.compute(database, module, types, until)
        except StepError:  # the source of today no longer has what it looks at: its values grow old
            return []
        return list(store_latest.values(database, groups).rows)
