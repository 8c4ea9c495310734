"""The rows that a batch asks about, with their features as of each row's time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from ..core import duck
from ..core.config import ModelConfig, Source
from ..core.errors import StepError
from ..data.ingest import typed_query
from ..features.batch import base_rows, earlier_moment, feature_columns
from ..features.joins import joins_of, require_single_rows
from ..features.modules import FeatureModule

ASKED = "__asked"
"""The table of the rows in their order: ``raw__<field>`` for every field of a request, and every feature."""


def open_rows(
    database: duckdb.DuckDBPyConnection, config: ModelConfig, modules: Mapping[str, FeatureModule], source: Source
) -> None:
    """Read ``source`` and compute its features into the table ``__asked``.

    A file needs only what a request needs. Windows look back on the dataset itself: its rows are the history, and
    the file's rows take their place in it. A dataset of the spec that has what the windows look at is history as well.
    """
    fields = [field.name for field in config.request]
    windows = {name: window for module in modules.values() for name, window in module.windows.items()}
    over_rows = {name for name, window in windows.items() if window.join is None}
    looked_at = [name for feature in config.features if feature.name in over_rows for name in feature.columns]
    moment = earlier_moment(config)
    looked_at += [moment] if looked_at and moment is not None else []
    key = config.datasets[config.dataset].key
    dataset = config.datasets[config.dataset]
    history = bool(looked_at) and source != dataset.source and bool(key)
    declared = {name for one in config.datasets.values() if one.source == source for name in one.columns}
    own = [name for name in looked_at if name in declared] if history else looked_at
    wanted = [*fields, *own, *([moment] if moment in declared else [])]
    _read(database, config, "input", source, wanted)
    database.execute("CREATE TEMP TABLE __rows_numbered AS SELECT *, row_number() OVER () AS __position FROM __input")
    if history:
        _read(database, config, "history", dataset.source, [*fields, *looked_at])
        _place_in_history(database, config.dataset, key, [name for name in looked_at if name not in wanted])
    else:
        database.execute(f"CREATE TEMP TABLE {duck.name(config.dataset)} AS SELECT * FROM __rows_numbered")
    if moment is not None and moment not in duck.columns(database, duck.name(config.dataset)):
        # A file need not say when each row is predicted: then its time counts.
        database.execute(f"ALTER TABLE {duck.name(config.dataset)} ADD COLUMN {duck.name(moment)} TIMESTAMP")
    for name, columns in _joined_columns(config, modules).items():
        joined = config.datasets[name]
        query, _ = typed_query(database, name, joined, {column: joined.columns[column] for column in columns})
        database.execute(f"CREATE TEMP TABLE {duck.name(name)} AS {query}")
    _compute(database, config, modules, fields)


def _joined_columns(config: ModelConfig, modules: Mapping[str, FeatureModule]) -> dict[str, list[str]]:
    """What is read of each joined dataset, in the order of its columns."""
    read: dict[str, set[str]] = {}
    for join in joins_of(modules).values():
        times = {join.time} if join.time is not None else set()
        read.setdefault(join.dataset, set()).update({*join.theirs, *join.columns, *join.known_at.values(), *times})
    return {name: [column for column in config.datasets[name].columns if column in read[name]] for name in read}


def _read(
    database: duckdb.DuckDBPyConnection, config: ModelConfig, label: str, source: Source, names: list[str]
) -> None:
    """Make the table ``__<label>`` of the named columns in their declared types."""
    dataset = config.datasets[config.dataset]
    columns = {name: dataset.columns[name] for name in dict.fromkeys(names)}
    query, _ = typed_query(database, label, replace(dataset, source=source), columns)
    database.execute(f"CREATE TEMP TABLE __{label} AS {query}")


def _place_in_history(database: duckdb.DuckDBPyConnection, table: str, key: list[str], later: list[str]) -> None:
    """The history with the asked rows in their places; columns that only windows read come from the history."""
    same = ", ".join(duck.name(name) for name in key)
    known = "".join(f", h.{duck.name(name)}" for name in dict.fromkeys(later))
    database.execute(
        f"CREATE TEMP TABLE {duck.name(table)} AS "
        f"SELECT a.*{known} FROM __rows_numbered a LEFT JOIN (SELECT DISTINCT ON ({same}) * FROM __history) h "
        f"USING ({same}) UNION ALL BY NAME SELECT * FROM __history ANTI JOIN __input USING ({same})"
    )


def _compute(
    database: duckdb.DuckDBPyConnection, config: ModelConfig, modules: Mapping[str, FeatureModule], fields: list[str]
) -> None:
    features = feature_columns(config, modules)
    selected = [f"({sql}) AS {duck.name(name)}" for name, sql in features.items()]
    selected += [f"{duck.name(name)} AS {duck.name(f'raw__{name}')}" for name in fields]
    require_single_rows(database, joins_of(modules))
    inner = f"SELECT {', '.join(selected)}, __position FROM {base_rows(config, modules)}"
    try:
        database.execute(
            f"CREATE TEMP TABLE {ASKED} AS SELECT * EXCLUDE (__position) FROM ({inner}) "
            "WHERE __position IS NOT NULL ORDER BY __position"
        )
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StepError(f"the features cannot be computed: {reason}", "correct the SQL in mlops.yaml") from error
