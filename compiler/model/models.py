"""``models``: what is learned, how it is judged, and where it goes."""

from __future__ import annotations

from typing import Any

from ..records import record
from ..source import YamlPath
from .values import Duration, Invalid, Reference, Schedule, Sql


@record
class Label:
    """What is predicted: an SQL expression (a bare column name is one)."""

    sql: Sql
    path: YamlPath
    nulls: str = "drop"  # drop | error


@record
class Split:
    """How rows are divided; fractions from 0 to 1."""

    path: YamlPath
    by: str | None = None  # time | random | group; None: time where the dataset has one, else random
    validation: float = 0.15
    test: float = 0.15
    group: Reference | None = None
    stratify: bool = False
    seed: int = 0


@record
class Preprocess:
    """What is done to one feature; None follows from the column type and the estimator."""

    column: Reference
    path: YamlPath
    encode: str | None = None  # onehot | ordinal | target
    impute: str | None = None  # median | mean | most_frequent | none
    scale: str | None = None  # standard | none


@record
class Train:
    """What is fitted."""

    path: YamlPath
    estimator: Reference | None = None
    entrypoint: Reference | None = None
    params: dict[str, Any]
    seed: int = 0
    rows_last: Duration | None = None
    sample_weight: Sql | None = None


@record
class SearchSpace:
    """The values that one parameter may take."""

    path: YamlPath
    kind: str  # int | float | choice
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()


@record
class Tune:
    """A search over parameters."""

    path: YamlPath
    trials: int
    metric: Reference
    space: dict[str, SearchSpace | Invalid]


@record
class Decision:
    """When a binary prediction is true: a fixed threshold, or the one that is best for a metric."""

    path: YamlPath
    threshold: float | None = 0.5
    maximize: Reference | None = None
    minimize: Reference | None = None
    on: str = "validation"


@record
class Business:
    """A business metric: an SQL aggregate over the scored rows."""

    name: str
    path: YamlPath
    sql: Sql
    goal: str = "maximize"


@record
class Evaluate:
    """What is measured on the test rows; no metrics means the task's own."""

    path: YamlPath
    metrics: tuple[Reference, ...] = ()
    slices: tuple[Reference, ...] = ()
    business: dict[str, Business | Invalid]


@record
class Gate:
    """One condition before a model may become a challenger."""

    path: YamlPath
    kind: str  # metric | champion | latency_p95 | model_size
    metric: Reference | None = None
    slice: Reference | None = None
    min: float | None = None
    max: float | None = None  # seconds for latency_p95, bytes for model_size
    min_delta: float = 0.0
    without_champion: str = "pass"
    min_rows: int = 0
    insufficient: str = "fail"


@record
class Retrain:
    """What starts training besides a person or a push."""

    path: YamlPath
    schedule: Schedule | None = None
    max_per_week: int | None = None


@record
class PredictionLog:
    """What of each prediction is kept."""

    path: YamlPath
    sample: float = 1.0
    redact: tuple[Reference, ...] = ()
    keep: tuple[Reference, ...] = ()  # personal columns that are logged all the same
    retention: Duration | None = None


@record
class Rollout:
    """How a new version takes over."""

    path: YamlPath
    strategy: str = "replace"  # replace | canary
    steps: tuple[float, ...] = ()
    pause: Duration | None = None


@record
class Api:
    """The HTTP service; log_predictions None means that nothing is logged."""

    path: YamlPath
    server: str = "fastapi"
    port: int = 8080
    replicas: int = 1
    log_predictions: PredictionLog | None = None
    rollout: Rollout


@record
class Batch:
    """Scheduled scoring of a dataset."""

    path: YamlPath
    schedule: Schedule | None
    input: Reference
    output: str
    log_predictions: PredictionLog | None = None


@record
class Edge:
    """An export for devices."""

    path: YamlPath
    format: str = "onnx"
    tolerance: float = 1e-6


@record
class Deploy:
    """Where a model goes; an empty one means nowhere."""

    path: YamlPath
    api: Api | Invalid | None = None
    batch: Batch | Invalid | None = None
    edge: Edge | Invalid | None = None


@record
class Model:
    """One model of the spec, names not yet looked up."""

    name: str
    path: YamlPath
    owner: str | None
    task: str | None  # None: inferred from the label
    data: Reference | None  # dataset, where no feature sets are named
    features: tuple[Reference, ...]
    predict_at: Reference | None
    label: Label | Invalid
    split: Split | Invalid
    preprocess: dict[str, Preprocess | Invalid]
    train: Train | Invalid
    tune: Tune | Invalid | None
    decision: Decision | Invalid
    evaluate: Evaluate | Invalid
    gates: tuple[Gate | Invalid, ...]
    retrain: Retrain | Invalid | None
    deploy: Deploy
    description: str = ""
