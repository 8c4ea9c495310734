"""What the compiler decided about one model, read from its ``config.json``.

The steps share this file: what varies between two models is data here, never code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows of a dataset come from; a path is relative to the project folder.

    ``${NAME}`` in ``path`` and ``url`` stands for an environment variable.
    """

    kind: str  # csv | parquet | json | sql
    path: str | None = None
    url: str | None = None
    query: str | None = None
    since: str | None = None  # last_run: only rows that are new by ``cursor``, added to those of the runs before
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A column of another dataset, in which every value has to stand."""

    dataset: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The contract of one raw column."""

    type: str  # string | integer | float | boolean | timestamp | date
    nullable: bool = False
    unique: bool = False
    min: float | None = None
    max: float | None = None
    allowed: list[Any] | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_distinct: int | None = None
    max_distinct: int | None = None
    references: Target | None = None
    warn: list[str] = field(default_factory=list)  # the rules, by key, that report and do not block
    known_at: str | None = None
    available_after_seconds: int | None = None
    pii: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCheck:
    """A check of a whole table: row_count | freshness | null_fraction | duplicate_keys | distribution | sql."""

    kind: str
    severity: str = "error"  # error | warn
    name: str | None = None
    column: str | None = None
    min: float | None = None
    max: float | None = None
    max_change: float | None = None  # share of the rows of the last accepted run
    max_age_seconds: int | None = None
    violations: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A source of rows with its contract."""

    source: Source
    key: list[str]
    time: str | None
    columns: dict[str, Column]
    checks: list[TableCheck] = field(default_factory=list)
    shown_in_bad_rows: list[str] = field(default_factory=list)  # personal columns that are put aside all the same
    trains: bool = True  # False: only scored or joined as labels later, so training neither reads nor checks it


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One input of the model; its SQL and Python stand in ``features/<module>.py``."""

    name: str
    module: str  # module below mlops/features that compiles it
    kind: str  # column | sql | window
    dtype: str  # string | integer | float | boolean | timestamp | date
    role: str  # numeric | categorical
    columns: list[str]  # raw columns that it reads
    encode: str | None = None  # onehot | ordinal | target | None
    impute: str | None = None  # median | mean | most_frequent | None
    scale: str | None = None  # standard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the model predicts, as SQL over the raw columns of its dataset."""

    sql: str
    dtype: str
    columns: list[str]
    nulls: str  # drop | error


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How rows are divided; fractions of all rows, the rest trains."""

    by: str  # time | random | group
    validation: float
    test: float
    group: str | None = None
    stratify: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """What is fitted: an estimator by import path, or the user's own function."""

    estimator: str | None
    entrypoint: str | None
    params: dict[str, Any]
    seed: int
    last_seconds: int | None = None  # only the newest rows of this span
    sample_weight: str | None = None  # SQL over the raw columns


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """The values one parameter may take while tuning."""

    kind: str  # int | float | choice
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: list[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tune:
    """A search over parameters, judged on the validation rows."""

    trials: int
    metric: str
    goal: str  # maximize | minimize
    space: dict[str, SearchSpace]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The score at which a binary prediction becomes true: fixed, or chosen on validation rows."""

    threshold: float | None = 0.5
    metric: str | None = None
    goal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A business metric: an SQL aggregate over rows with ``prediction`` and ``actual``."""

    sql: str
    goal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """What is measured on the test rows."""

    metrics: list[str]
    slices: list[str]
    business: dict[str, Business]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition that a model must meet before it is registered as a challenger."""

    kind: str  # metric | champion | latency_p95 | model_size
    metric: str | None = None
    goal: str | None = None  # maximize | minimize: which direction of the metric is better
    min: float | None = None
    max: float | None = None  # seconds for latency_p95, bytes for model_size
    slice: str | None = None
    min_rows: int = 0
    insufficient: str = "fail"  # pass | fail | warn
    min_delta: float = 0.0
    without_champion: str = "pass"  # pass | fail


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestField:
    """One field of a prediction request."""

    name: str
    type: str
    nullable: bool
    role: str  # key | time | feature
    allowed: list[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionLog:
    """What of each prediction is kept."""

    sample: float = 1.0
    redact: list[str] = field(default_factory=list)
    retention_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The HTTP service of a model."""

    port: int
    server: str = "fastapi"
    log: PredictionLog | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Scheduled scoring of a whole dataset."""

    input: str
    output: str
    log: PredictionLog | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """How window features reach a request: a store of the latest value of each entity."""

    store: str  # sqlite, or the address of a Redis server; ${NAME} is taken from the environment
    max_staleness_seconds: int | None = None
    missing: str = "null"  # null | error
    engine: str = "builtin"  # builtin | feast


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it reads and writes, relative to the project folder, and what it waits for."""

    id: str
    name: str
    inputs: list[str]
    outputs: list[str]
    needs: list[str]
    code: list[str]  # files and folders whose content decides the outcome
    config: list[str]  # keys of this file whose content decides the outcome; "train.params" is a part of one
    env: list[str] = field(default_factory=list)  # environment variables it may read
    weight: int = 1  # rough share of the time, for progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """Everything that the steps of one model need to know."""

    version: int
    project: str
    model: str
    owner: str | None
    task: str  # binary-classification | multiclass-classification | regression
    dataset: str
    datasets: dict[str, Dataset]
    predict_at: str | None
    features: list[Feature]
    label: Label
    request: list[RequestField]
    split: Split
    train: Train
    tune: Tune | None
    decision: Decision
    evaluate: Evaluate
    gates: list[Gate]
    tracking: str  # mlflow | none
    registry: str  # mlflow | none
    steps: list[Step]
    api: Api | None = None
    batch: Batch | None = None
    online: dict[str, Online] = field(default_factory=dict)
    data_quality: str = "pandera"  # pandera | great-expectations

    @property
    def training_data(self) -> dict[str, Dataset]:
        """The datasets that training reads; the others are scored, or joined as labels, later."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.trains}


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """One scheduled check of a model in production, from ``plan.json``."""

    name: str
    model: str
    kind: str  # data-drift | prediction-drift | performance | data-quality
    cron: str
    timezone: str
    window_seconds: int
    on_breach: list[str]  # alert | retrain
    columns: list[str] = field(default_factory=list)
    method: str | None = None  # psi | ks
    threshold: float | None = None
    metric: str | None = None
    goal: str | None = None
    min: float | None = None
    max: float | None = None
    labels: str | None = None  # dataset that holds the labels
    min_rows: int = 0
    breaches: list[int] = field(default_factory=lambda: [1, 1])  # n of the last m windows
    cooldown_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a model's training besides a person."""

    kind: str  # schedule | breach
    model: str
    cron: str | None = None
    timezone: str | None = None
    monitor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPlan:
    """What the models of a project share, read from ``plan.json``."""

    version: int
    project: str
    models: list[str]
    monitors: dict[str, Monitor]
    triggers: list[Trigger]
    storage: str | None
    variables: list[str]
    secrets: list[str]
    alerts: list[str]
    code: list[str] = field(default_factory=list)  # the user's own packages, relative to the project folder


def load_model(path: Path) -> ModelConfig:
    """The configuration in ``path``; ValueError names a key that this code does not know."""
    return build(ModelConfig, json.loads(path.read_text(encoding="utf-8")), str(path))


def load_plan(path: Path) -> ProjectPlan:
    """The plan in ``path``; ValueError names a key that this code does not know."""
    return build(ProjectPlan, json.loads(path.read_text(encoding="utf-8")), str(path))


def build(kind: type[T], data: Any, where: str) -> T:
    """A value of ``kind`` from parsed JSON; ValueError says where it does not fit."""
    return _convert(kind, data, where)  # type: ignore[no-any-return]


def _convert(kind: Any, data: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if data is None:
            return None
        return _convert(next(arg for arg in get_args(kind) if arg is not type(None)), data, where)
    if origin is list:
        return [_convert(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(data)]
    if origin is dict:
        return {key: _convert(get_args(kind)[1], item, f"{where}.{key}") for key, item in data.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _convert_fields(kind, data, where)
    return data


def _convert_fields(kind: Any, data: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    unknown = sorted(set(data) - {item.name for item in fields(kind)})
    if unknown:
        message = f"{where}: unknown key {unknown[0]!r}; compile the spec again"
        raise ValueError(message)
    try:
        return kind(**{key: _convert(hints[key], item, f"{where}.{key}") for key, item in data.items()})
    except TypeError as error:
        message = f"{where}: {error}"
        raise ValueError(message) from error
