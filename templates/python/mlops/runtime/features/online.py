"""The features of one request: compiled Python, stored windows, and DuckDB only where there is no Python form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Column, ModelConfig
from ..core.errors import StepError
from .joins import JoinedValues
from .modules import FeatureModule, load_modules
from .windows import WindowStore

Compute = Callable[[Mapping[str, Any]], Any]
SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}


class OnlineFeatures:
    """Computes the features of single requests, from the modules in ``folder`` and the windows in ``store``."""

    def __init__(self, config: ModelConfig, folder: Path, store: Path | None = None) -> None:
        self._config = config
        self._columns = config.datasets[config.dataset].columns
        self._windows = WindowStore(store) if store is not None and store.exists() else None
        modules = load_modules(config, folder)
        self._joined = JoinedValues(config, modules, self._windows)
        self._compute = {
            feature.name: self._function(feature.name, modules[feature.module]) for feature in config.features
        }

    def compute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Every feature by name, from the raw values of one request (as ``parse`` returns them)."""
        row = {**request, **self._joined.of(request)}
        return {name: function(row) for name, function in self._compute.items()}

    def parse(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The raw values of a JSON request in the types that the features expect; unknown fields are left out."""
        return {name: parse_value(request[name], column) for name, column in self._columns.items() if name in request}

    def close(self) -> None:
        """Give the store back."""
        if self._windows is not None:
            self._windows.close()

    def _function(self, name: str, module: FeatureModule) -> Compute:
        if name in module.windows:
            return self._stored(name, module)
        if name in module.online:
            function, arguments = module.online[name]
            return lambda request: function(*(request.get(argument) for argument in arguments))
        return self._through_duckdb(name, module)

    def _stored(self, name: str, module: FeatureModule) -> Compute:
        by = module.windows[name].by
        policy = self._config.online.get(module.name)
        staleness = policy.max_staleness_seconds if policy else None
        required = policy is not None and policy.missing == "error"
        time = self._config.datasets[self._config.dataset].time

        def look_up(request: Mapping[str, Any]) -> Any:
            found = self._windows.latest(name, [request.get(column) for column in by]) if self._windows else None
            if found is not None and staleness is not None:
                age = _moment(request.get(time) if time else None) - found.as_of
                found = None if age.total_seconds() > staleness else found
            if found is None and required:
                entity = ", ".join(f"{column}={request.get(column)}" for column in by)
                raise StepError(f"feature '{name}' has no fresh value for {entity}", "refresh the online store")
            return found.value if found else None

        return look_up

    def _through_duckdb(self, name: str, module: FeatureModule) -> Compute:
        feature = next(feature for feature in self._config.features if feature.name == name)
        known = {**self._columns, **self._joined.columns}
        columns = [column for column in known if column in feature.columns]
        bound = ", ".join(f"CAST(? AS {duck.TYPES[known[column].type]}) AS {duck.name(column)}" for column in columns)
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
        return _naive(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    if column.type == "date" and not isinstance(value, date):
        return date.fromisoformat(str(value))
    return float(value) if column.type == "float" else value


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return _naive(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC, as everywhere in the data
    return datetime.now(UTC).replace(tzinfo=None)
