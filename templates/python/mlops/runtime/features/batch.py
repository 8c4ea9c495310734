"""Step ``features``: one row per row of the base dataset, with every feature as it was known at that row's time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from ..core import duck
from ..core.config import Feature, ModelConfig
from ..core.errors import StepError
from ..core.files import missing, write_json
from ..core.paths import Work
from .joins import joins_of, require_single_rows, rows_with_joins
from .modules import FeatureModule, feature_sql, load_modules, project_features, typed_sql
from .windows import joined_window, window_column, window_sql

LABEL, WEIGHT, ROW = "__label", "__weight", "__row"
RAW = "raw__"


def build_features(config: ModelConfig, work: Work) -> str:
    """Compute features, label and weights of all rows; StepError when the label may not be null and is."""
    with duck.connection() as database:
        open_datasets(database, config, work)
        modules = load_modules(config, project_features())
        require_single_rows(database, joins_of(modules))
        rows = _written(database, training_query(config, modules), work.features)
        report = _report(database, config, work.features)
    write_json(work.features_report, report)
    empty = report["null_labels"]
    if empty and config.label.nulls == "error":
        work.features.unlink()
        raise StepError(
            f"{empty:,} of {rows:,} rows have no label ({config.label.sql})", "correct them, or set 'nulls: drop'"
        )
    return f"{len(config.features)} features of {rows:,} rows, {empty:,} without a label"


def open_datasets(database: duckdb.DuckDBPyConnection, config: ModelConfig, work: Work) -> None:
    """Make every ingested dataset known to the database under its own name."""
    for label in config.training_data:
        if not work.ingested(label).exists():
            raise missing(work.ingested(label), "ingest")
        duck.view(database, label, work.ingested(label))


def feature_columns(config: ModelConfig, modules: Mapping[str, FeatureModule]) -> dict[str, str]:
    """The SQL of every feature of the model over its base dataset, by name."""
    columns = {}
    for feature in config.features:
        module = modules[feature.module]
        if module.source != config.dataset:
            raise StepError(
                f"feature '{feature.name}' is computed from '{module.source}', the model from '{config.dataset}'",
                "take features and label from the same dataset",
            )
        columns[feature.name] = _feature_sql(feature, module, earlier_moment(config))
    return columns


def earlier_moment(config: ModelConfig) -> str | None:
    """The column with the time of a row's prediction, which may be before the row's own time."""
    return config.predict_at if config.predict_at != config.datasets[config.dataset].time else None


def base_rows(config: ModelConfig, modules: Mapping[str, FeatureModule]) -> str:
    """The rows of the base dataset with the columns of all joins, as a table expression."""
    joins, predict_at = joins_of(modules), earlier_moment(config)
    extras = [
        joined_window(feature, window, joins[window.join], config.dataset, predict_at)
        for module in modules.values()
        for feature, window in module.windows.items()
        if window.join is not None
    ]
    return rows_with_joins(config.dataset, joins, predict_at, extras)


def training_query(config: ModelConfig, modules: Mapping[str, FeatureModule]) -> str:
    """SQL for everything that training and evaluation need of every row.

    Beside key, time and features: ``__row``, a stable 64-bit hash of the row's key; ``__label``; ``__weight`` if there
    is one; and as ``raw__<column>`` those raw columns that slices, business metrics, groups and requests read.
    """
    features = feature_columns(config, modules)
    carried = {name: duck.name(name) for name in identity(config) if name not in features}
    raw = {RAW + name: duck.name(name) for name in raw_columns(config)}
    extra = {ROW: row_hash(config), LABEL: config.label.sql}
    if config.train.sample_weight:
        extra[WEIGHT] = f"CAST({config.train.sample_weight} AS DOUBLE)"
    return _select({**carried, **features, **raw, **extra}, base_rows(config, modules))


def identity(config: ModelConfig) -> list[str]:
    """The columns that say which row it is: the key, then the time."""
    dataset = config.datasets[config.dataset]
    return list(dict.fromkeys([*dataset.key, *([dataset.time] if dataset.time else [])]))


def row_hash(config: ModelConfig) -> str:
    """SQL for a hash of the key that no version of any library changes; without a key, of the whole row."""
    dataset = config.datasets[config.dataset]
    columns = dataset.key or list(dataset.columns)
    parts = ", ".join(f"coalesce(CAST({duck.name(column)} AS VARCHAR), '')" for column in columns)
    return f"md5_number_lower(concat_ws(chr(31), {parts}))"


def raw_columns(config: ModelConfig) -> list[str]:
    """The raw columns that later steps read: slices, business metrics, the group of the split, the request."""
    columns = config.datasets[config.dataset].columns
    words = {word for business in config.evaluate.business.values() for word in re.findall(r"\w+", business.sql)}
    words |= {*config.evaluate.slices, *(field.name for field in config.request), str(config.split.group)}
    words |= {str(gate.slice) for gate in config.gates}
    return [name for name in columns if name in words or (not name.isidentifier() and config.evaluate.business)]


def _feature_sql(feature: Feature, module: FeatureModule, predict_at: str | None) -> str:
    if feature.name in module.windows:
        window = module.windows[feature.name]
        over = window_sql(window, predict_at) if window.join is None else duck.name(window_column(feature.name))
        return typed_sql(feature, over)
    return feature_sql(feature, module)


def _select(columns: Mapping[str, str], table: str) -> str:
    # A feature may carry the name of a raw column: naming the table keeps an alias from standing in for the column.
    inner = ", ".join(f"({sql}) AS {duck.name(name)}" for name, sql in columns.items())
    return f"SELECT {inner} FROM {table}"


def _written(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    try:
        return duck.write(database, query, path)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise StepError(f"the features cannot be computed: {reason}", "correct the SQL in mlops.yaml") from error


def _report(database: duckdb.DuckDBPyConnection, config: ModelConfig, path: Path) -> dict[str, object]:
    names = [LABEL, *(feature.name for feature in config.features)]
    nulls = ", ".join(f"count(*) - count({duck.name(name)})" for name in names)
    row = database.execute(f"SELECT count(*), {nulls} FROM {duck.scan(path)}").fetchone() or ()
    rows, label, *features = (int(number) for number in row)
    return {"rows": rows, "null_labels": label, "nulls": dict(zip(names[1:], features, strict=True))}
