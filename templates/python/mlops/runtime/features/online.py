"""The features of one request: compiled Python, stored windows, and DuckDB only where there is no Python form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Column, ModelConfig
from .modules import FeatureModule, feature_sql, load_modules
from .store_values import StoredValues, moment_of

Compute = Callable[[Mapping[str, Any]], Any]
NOTHING: Mapping[str, Any] = {}
COPY = "_same"  # what a compiled module calls the function of a feature that is a column


class OnlineFeatures:
    """Computes the features of requests from the modules of a ``package`` and from the store of each feature set."""

    def __init__(self, config: ModelConfig, package: Path) -> None:
        self._config = config
        self._columns = config.datasets[config.dataset].columns
        self._names = [feature.name for feature in config.features]
        modules = load_modules(config, package / "features")
        self.stored = StoredValues(config, modules, package)
        self._joined = tuple(self.stored.joined)
        homes = [(name, modules[feature.module]) for name, feature in zip(self._names, config.features, strict=True)]
        functions = [(name, *module.online[name]) for name, module in homes if name in module.online]
        # Most features read one column, and many are one: those need neither a tuple nor a call.
        self._copied = [(name, columns[0]) for name, call, columns in functions if call.__name__ == COPY]
        self._single = [(n, call, c[0]) for n, call, c in functions if len(c) == 1 and call.__name__ != COPY]
        self._several = [function for function in functions if len(function[2]) != 1]
        self._stores = [name for name in self._names if name in self.stored.names]
        asked = [name for name, module in homes if name not in module.online and name not in module.windows]
        self._asked = self._through_duckdb(asked, modules) if asked else None

    @property
    def through_duckdb(self) -> list[str]:
        """The features that have no Python form that gives what DuckDB gives, so that DuckDB is asked."""
        return self._asked[0] if self._asked else []

    def compute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Every feature by name, from the raw values of one request (as ``parse`` returns them)."""
        return self._row(request, self.stored.values([request])[0] if self.stored.sets else NOTHING)

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
        found: dict[str, Any] = dict.fromkeys(self._names)
        if self._joined:
            request = {**request, **{name: stored[name] for name in self._joined}}
        get = request.get
        for name, column in self._copied:
            found[name] = get(column)
        for name, function, column in self._single:
            found[name] = function(get(column))
        for name, function, columns in self._several:
            found[name] = function(*map(get, columns))
        for name in self._stores:
            found[name] = stored[name]
        if self._asked:
            found.update(zip(self._asked[0], self._asked[1](request), strict=True))
        return found

    def _through_duckdb(self, names: list[str], modules: Mapping[str, FeatureModule]) -> tuple[list[str], Compute]:
        """One query for all of them: it costs what a query costs, not what they compute."""
        features = [feature for feature in self._config.features if feature.name in names]
        read = {column for feature in features for column in feature.columns}
        known = {**self._columns, **self.stored.joined}
        columns = [column for column in known if column in read]
        bound = ", ".join(f"CAST(? AS {duck.TYPES[known[column].type]}) AS {duck.name(column)}" for column in columns)
        asked = ", ".join(feature_sql(feature, modules[feature.module]) for feature in features)
        query = f"SELECT {asked} FROM (SELECT {bound or '1'}) AS {duck.name(self._config.dataset)}"
        database = duckdb.connect()
        database.execute("SET TimeZone = 'UTC'")

        def ask(request: Mapping[str, Any]) -> tuple[Any, ...]:
            # A cursor of its own: requests are answered by several threads.
            with database.cursor() as cursor:
                rows = cursor.execute(query, [request.get(column) for column in columns]).fetchall()
            return tuple(rows[0])

        return [feature.name for feature in features], ask


def parse_value(value: Any, column: Column) -> Any:
    """One raw value of a request: times become naive UTC datetimes, numbers of a float column floats."""
    if value is None:
        return None
    if column.type == "timestamp":
        return moment_of(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    if column.type == "date" and not isinstance(value, date):
        return date.fromisoformat(str(value))
    return float(value) if column.type == "float" else value
