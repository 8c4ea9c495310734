"""The features of one request: compiled Python, stored windows, and DuckDB only where there is no Python form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Column, ModelConfig
from .modules import FeatureModule, load_modules
from .store_values import StoredValues, moment_of

Compute = Callable[[Mapping[str, Any]], Any]
SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}


class OnlineFeatures:
    """Computes the features of requests from the modules of a ``package`` and from the store of each feature set."""

    def __init__(self, config: ModelConfig, package: Path) -> None:
        self._config = config
        self._columns = config.datasets[config.dataset].columns
        modules = load_modules(config, package / "features")
        self.stored = StoredValues(config, modules, package)
        self._names = [feature.name for feature in config.features]
        self._compute = {
            feature.name: self._function(feature.name, modules[feature.module])
            for feature in config.features
            if feature.name not in self.stored.names
        }

    def compute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Every feature by name, from the raw values of one request (as ``parse`` returns them)."""
        return self.compute_many([request])[0]

    def compute_many(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same for many requests, with one question to each store."""
        stored = self.stored.values(requests)
        return [self._row(request, found) for request, found in zip(requests, stored, strict=True)]

    def parse(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The raw values of a JSON request in the types that the features expect; unknown fields are left out."""
        return {name: parse_value(request[name], column) for name, column in self._columns.items() if name in request}

    def close(self) -> None:
        """Give the stores back."""
        self.stored.close()

    def _row(self, request: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
        functions = self._compute
        return {name: functions[name](request) if name in functions else stored[name] for name in self._names}

    def _function(self, name: str, module: FeatureModule) -> Compute:
        if name in module.online:
            function, arguments = module.online[name]
            return lambda request: function(*(request.get(argument) for argument in arguments))
        return self._through_duckdb(name, module)

    def _through_duckdb(self, name: str, module: FeatureModule) -> Compute:
        feature = next(feature for feature in self._config.features if feature.name == name)
        columns = [column for column in self._columns if column in feature.columns]
        bound = ", ".join(
            f"CAST(? AS {duck.TYPES[self._columns[column].type]}) AS {duck.name(column)}" for column in columns
        )
        query = f"SELECT {module.sql[name]} FROM (SELECT {bound or '1'}) AS {duck.name(module.source)}"
        database = duckdb.connect()
        database.execute("SET TimeZone = 'UTC'")

        def ask(request: Mapping[str, Any]) -> Any:
            # A cursor of its own: requests are answered by several threads.
            with database.cursor() as cursor:
                row = cursor.execute(query, [request.get(column) for column in columns]).fetchone()
            return row[0] if row else None

        return ask


def parse_value(value: Any, column: Column) -> Any:
    """One raw value of a request: times become naive UTC datetimes, numbers of a float column floats."""
    if value is None:
        return None
    if column.type == "timestamp":
        return moment_of(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    if column.type == "date" and not isinstance(value, date):
        return date.fromisoformat(str(value))
    return float(value) if column.type == "float" else value
