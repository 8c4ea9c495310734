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
from .modules import FeatureModule, feature_sql, load_modules
from .windows import WindowStore

Compute = Callable[[Mapping[str, Any]], Any]
COPY = "_same"  # what a compiled module calls the function of a feature that is a column


class OnlineFeatures:
    """Computes the features of single requests, from the modules in ``folder`` and the windows in ``store``."""

    def __init__(self, config: ModelConfig, folder: Path, store: Path | None = None) -> None:
        self._config = config
        self._columns = config.datasets[config.dataset].columns
        self._windows = WindowStore(store) if store is not None and store.exists() else None
        self._names = [feature.name for feature in config.features]
        modules = load_modules(config, folder)
        self._joined = JoinedValues(config, modules, self._windows)
        homes = [(name, modules[feature.module]) for name, feature in zip(self._names, config.features, strict=True)]
        functions = [(name, *module.online[name]) for name, module in homes if name in module.online]
        # Most features read one column, and many are one: those need neither a tuple nor a call.
        self._copied = [(name, columns[0]) for name, call, columns in functions if call.__name__ == COPY]
        self._single = [(n, call, c[0]) for n, call, c in functions if len(c) == 1 and call.__name__ != COPY]
        self._several = [function for function in functions if len(function[2]) != 1]
        self._stores = [(name, self._stored(name, module)) for name, module in homes if name in module.windows]
        asked = [name for name, module in homes if name not in module.online and name not in module.windows]
        self._asked = self._through_duckdb(asked, modules) if asked else None

    @property
    def through_duckdb(self) -> list[str]:
        """The features that have no Python form that gives what DuckDB gives, so that DuckDB is asked."""
        return self._asked[0] if self._asked else []

    def compute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Every feature by name, from the raw values of one request (as ``parse`` returns them)."""
        found: dict[str, Any] = dict.fromkeys(self._names)
        if self._joined.columns:
            request = {**request, **self._joined.of(request)}
        get = request.get
        for name, column in self._copied:
            found[name] = get(column)
        for name, function, column in self._single:
            found[name] = function(get(column))
        for name, function, columns in self._several:
            found[name] = function(*map(get, columns))
        for name, look_up in self._stores:
            found[name] = look_up(request)
        if self._asked:
            found.update(zip(self._asked[0], self._asked[1](request), strict=True))
        return found

    def parse(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The raw values of a JSON request in the types that the features expect; unknown fields are left out."""
        return {name: parse_value(request[name], column) for name, column in self._columns.items() if name in request}

    def close(self) -> None:
        """Give the store back."""
        if self._windows is not None:
            self._windows.close()

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

    def _through_duckdb(self, names: list[str], modules: Mapping[str, FeatureModule]) -> tuple[list[str], Compute]:
        """One query for all of them: it costs what a query costs, not what they compute."""
        features = [feature for feature in self._config.features if feature.name in names]
        read = {column for feature in features for column in feature.columns}
        known = {**self._columns, **self._joined.columns}
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
