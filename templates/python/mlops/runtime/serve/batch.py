"""Scoring a whole dataset or file: the same features and the same model as a request, all rows at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from ..core import duck, paths
from ..core.config import ModelConfig, PredictionLog, Source
from ..core.errors import StepError
from ..core.personal import personal_columns
from ..data.source import fingerprint
from ..features.modules import load_modules
from ..train.outcome import MULTICLASS
from .asked import ASKED, open_rows
from .log import Filter, Record, expire, write_batch
from .model import Prediction, ServedModel, predictions

KINDS = {
    ".csv": "csv",
    ".gz": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One run: the model, the rows that it is asked about, and where the answers go."""

    model: ServedModel
    source: Source
    target: Path
    hidden: frozenset[str] = frozenset()  # personal columns that the spec does not keep by name


def score_batch(
    config: ModelConfig,
    *,
    input: str | None = None,  # noqa: A002 - named like the option
    output: str | None = None,
    log: bool = True,
) -> str:
    """Score the rows of a dataset or a file, write them as Parquet, and log each prediction; says what was done."""
    package = paths.Work.of(config.model).package
    model = ServedModel.load(package)
    target = Path(paths.in_root(output or (config.batch.output if config.batch else f"{config.model}.parquet")))
    hidden = _hidden(config)
    batch = Batch(model=model, source=_source(config, model.config, input), target=target, hidden=hidden)
    settings = _log_settings(config) if log else None
    try:
        with duck.connection() as database:
            open_rows(database, model.config, load_modules(model.config, package / "features"), batch.source)
            made = _predict(database, model)
            rows = _write(database, batch, made)
            logged = None if settings is None else _log(database, batch, settings, made)
    finally:
        model.close()
    done = f"{config.model} version {model.version}: {rows:,} rows scored, written to {target}"
    if logged is None:
        return done
    return f"{done}\nprediction log: {logged:,} predictions in {paths.predictions(config.model)}"


def _hidden(config: ModelConfig) -> frozenset[str]:
    marked = personal_columns(config.datasets[config.dataset].columns)
    settings = _log_settings(config)
    return marked if settings is None else marked.intersection(settings.redact)


def _log_settings(config: ModelConfig) -> PredictionLog | None:
    if config.batch and config.batch.log:
        return config.batch.log
    return config.api.log if config.api else None


def _source(config: ModelConfig, packaged: ModelConfig, given: str | None) -> Source:
    """What is scored: a file, or a dataset by its name; where nothing is given, what the spec says."""
    name = given or (config.batch.input if config.batch else packaged.dataset)
    if name == packaged.dataset:
        return (config.datasets.get(name) or packaged.datasets[name]).source  # where it lies today
    if name in config.datasets:
        return config.datasets[name].source
    kind = KINDS.get(Path(name).suffix.lower())
    if kind is None:
        message = f"'{name}' is neither a dataset of this model nor a CSV, JSON or Parquet file"
        raise StepError(message, f"datasets: {', '.join(config.datasets)}; a file needs its ending")
    return Source(kind=kind, path=name)


def _predict(database: duckdb.DuckDBPyConnection, model: ServedModel) -> list[Prediction]:
    names = [feature.name for feature in model.config.features]
    selected = ", ".join(duck.name(name) for name in names)
    columns = database.execute(f"SELECT {selected} FROM {ASKED}").fetchnumpy()
    scores = model.scorer.score_columns(columns)
    rows = database.execute(f"SELECT {selected} FROM {ASKED}").fetchall()
    features = [dict(zip(names, row, strict=True)) for row in rows]
    return predictions(model.scorer, scores, features)


def _write(database: duckdb.DuckDBPyConnection, batch: Batch, made: list[Prediction]) -> int:
    """Key, time, score, prediction and version of every row, in the order of the input."""
    model = batch.model
    content: dict[str, Any] = {
        "score": np.array([item.score for item in made], dtype=np.float64),
        "prediction": np.array([item.decision for item in made]),
    }
    if model.scorer.card.task == MULTICLASS:
        for name in map(str, model.scorer.card.classes):
            content[f"probability_{name}"] = np.array([(item.probabilities or {})[name] for item in made])
    database.register("__answers", content)
    identity = [f.name for f in model.config.request if f.role in {"key", "time"} and f.name not in batch.hidden]
    carried = "".join(f"{duck.name(f'raw__{name}')} AS {duck.name(name)}, " for name in identity)
    answers = ", ".join(f"__answers.{duck.name(name)}" for name in content)
    version = f"{duck.literal(model.version)} AS version"
    query = f"SELECT {carried}{answers}, {version} FROM {ASKED} POSITIONAL JOIN __answers"
    return duck.write(database, query, batch.target)


def _log(database: duckdb.DuckDBPyConnection, batch: Batch, settings: PredictionLog, made: list[Prediction]) -> int:
    folder, now = paths.predictions(batch.model.config.model), datetime.now(UTC)
    kept = settings.retention_seconds
    if kept is not None:
        expire(folder, timedelta(seconds=kept), now)
    # The same rows scored again by the same version replace their lines instead of adding to them.
    content = fingerprint(batch.source, batch.model.config.dataset) or now.isoformat()
    name = hashlib.sha256(f"{content} {batch.model.version}".encode()).hexdigest()[:12]
    chosen = Filter.of(settings, batch.model.config.features)
    return write_batch(folder, f"batch-{name}", chosen, _records(database, batch.model, made, now), now)


def _records(
    database: duckdb.DuckDBPyConnection, model: ServedModel, made: list[Prediction], now: datetime
) -> Iterator[Record]:
    names = [field.name for field in model.config.request]
    selected = ", ".join(duck.name(f"raw__{name}") for name in names)
    rows = database.execute(f"SELECT {selected} FROM {ASKED}").fetchall()
    keys, time = model.key_fields, model.time_field
    for position, (row, prediction) in enumerate(zip(rows, made, strict=True)):
        request = dict(zip(names, row, strict=True))
        moment = _moment(request.get(time) if time else None) or now
        key = {name: request[name] for name in keys}
        yield Record(
            request_id=_request_id(model, key or {"position": position}, moment if time else None),
            key=key,
            time=moment,
            features=prediction.features,
            request=request,
            score=prediction.score,
            decision=prediction.decision,
            probabilities=prediction.probabilities,
            version=model.version,
            logged_at=now,
        )


def _request_id(model: ServedModel, key: Mapping[str, Any], moment: datetime | None) -> str:
    """The same for the same row and version, so that a row that is scored twice counts once."""
    text = "\x1f".join(map(str, (model.config.model, model.version, *key.values(), moment)))
    return "batch-" + hashlib.sha256(text.encode()).hexdigest()[:24]


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None
