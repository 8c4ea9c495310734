"""The typed spec: units, shorthands and defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc.loader import load, load_text
from mlopsc.model.build import build
from mlopsc.model.build.units import duration, fraction, seconds, size
from mlopsc.model.data import Column, Source
from mlopsc.model.models import Gate, PredictionLog, SearchSpace
from mlopsc.model.spec import Spec
from mlopsc.model.values import Duration, Reference, Schedule, Sql, is_valid

QUICK_START = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, mass: float?, sex: {type: string, nullable: true}}
models:
  species-of-penguin:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def built(text: str) -> Spec:
    """The spec of a valid text."""
    loaded = load_text(text, "mlops.yaml")
    assert loaded.data is not None
    return build(loaded.data)


@pytest.fixture(scope="module")
def reference(repository: Path) -> Spec:
    """The typed reference spec."""
    loaded = load(repository / "tests" / "fixtures" / "flight-delays.mlops.yaml")
    assert loaded.data is not None
    return build(loaded.data)


@pytest.mark.parametrize(
    ("text", "number"), [("30s", 30), ("15m", 900), ("24h", 86400), ("7d", 604800), ("4w", 2419200), ("0s", 0)]
)
def test_duration_counts_seconds(text: str, number: int) -> None:
    """Every unit, and the text is kept for messages."""
    assert duration(text) == Duration(seconds=number, text=text)


def test_units_become_numbers() -> None:
    """Latencies in seconds, shares from 0 to 1, sizes in bytes."""
    assert [seconds("20ms"), seconds("2.5ms"), seconds("1s")] == [0.02, 0.0025, 1.0]
    assert [fraction("15%"), fraction("0.1%"), fraction(0.2), fraction(1)] == [0.15, 0.001, 0.2, 1.0]
    assert [size("20MB"), size("512KiB"), size("1.5GB"), size("3kB"), size("9B")] == [2e7, 524288, 1.5e9, 3000, 9]


def test_build_fills_in_the_defaults_of_the_quick_start() -> None:
    """A data file, a label and an estimator are enough."""
    spec = built(QUICK_START)
    assert (spec.project.name, spec.project.python) == ("species-of-penguin", "3.11")
    words = {role: getattr(spec.stack, role) for role in type(spec.stack).__dataclass_fields__}
    assert words == {
        "ci": "github-actions",
        "orchestrator": "ci",
        "tracking": "mlflow",
        "registry": "mlflow",
        "data_quality": "pandera",
        "data_engine": "duckdb",
        "feature_store": "builtin",
        "data_versioning": "none",
        "deploy": "compose",
        "alerts": (),
        "path": ("stack",),
    }
    model = spec.models["species-of-penguin"]
    assert is_valid(model)
    assert is_valid(model.split)
    assert is_valid(model.evaluate)
    assert (model.split.by, model.split.validation, model.split.test, model.split.seed) == (None, 0.15, 0.15, 0)
    assert (model.features, model.gates, model.tune, model.retrain) == ((), (), None, None)
    assert (model.deploy.api, model.deploy.batch, model.deploy.edge) == (None, None, None)
    assert (model.evaluate.metrics, model.evaluate.business) == ((), {})


def test_build_reads_shorthands() -> None:
    """A path for a source, a word for a column, a text for a label."""
    penguins = built(QUICK_START).data["penguins"]
    assert is_valid(penguins)
    path = ("data", "penguins", "source")
    assert penguins.source == Source(kind="csv", path=path, location="data/penguins.csv")
    columns = [(one.name, one.type, one.nullable) for one in penguins.columns.values() if isinstance(one, Column)]
    assert columns == [("species", "string", False), ("mass", "float", True), ("sex", "string", True)]
    model = built(QUICK_START).models["species-of-penguin"]
    assert is_valid(model)
    assert is_valid(model.label)
    assert model.label.sql == Sql(text="species", path=("models", "species-of-penguin", "label"))


def test_build_reads_lists_given_as_one_word() -> None:
    """One name stands for a list of one, at its own place."""
    spec = built(QUICK_START.replace("    columns:", "    key: species\n    columns:"))
    penguins = spec.data["penguins"]
    assert is_valid(penguins)
    assert penguins.key == (Reference(name="species", path=("data", "penguins", "key")),)


def test_build_keeps_every_gate_of_the_reference(reference: Spec) -> None:
    """Each kind of gate, with its numbers in seconds and bytes."""
    model = reference.models["late-arrival"]
    assert is_valid(model)
    gates = [gate for gate in model.gates if isinstance(gate, Gate)]
    assert [(gate.kind, gate.metric.name if gate.metric else None, gate.min, gate.max) for gate in gates] == [
        ("metric", "roc_auc", 0.75, None),
        ("champion", "average_precision", None, None),
        ("metric", "roc_auc", 0.7, None),
        ("metric", "saved_minutes", 0, None),
        ("latency_p95", None, None, 0.02),
        ("model_size", None, None, 2e7),
    ]
    assert (gates[1].min_delta, gates[1].without_champion) == (-0.005, "pass")
    assert gates[2].slice == Reference(name="origin", path=("models", "late-arrival", "gates", 2, "slice"))
    assert (gates[2].min_rows, gates[2].insufficient) == (500, "fail")


def test_build_keeps_the_rest_of_the_reference(reference: Spec) -> None:
    """What is easy to lose: search spaces, the decision, the log, schedules with zones, overrides."""
    model = reference.models["late-arrival"]
    assert is_valid(model)
    assert model.tune is not None
    assert is_valid(model.tune)
    path = ("models", "late-arrival", "tune", "space")
    assert model.tune.space == {
        "learning_rate": SearchSpace(path=(*path, "learning_rate"), kind="float", low=0.02, high=0.3, log=True),
        "max_leaf_nodes": SearchSpace(path=(*path, "max_leaf_nodes"), kind="int", low=15, high=63),
    }
    assert is_valid(model.decision)
    assert (model.decision.threshold, model.decision.on) == (None, "validation")
    assert model.deploy.api is not None
    assert is_valid(model.deploy.api)
    assert model.deploy.api.log_predictions == PredictionLog(
        path=("models", "late-arrival", "deploy", "api", "log_predictions"), retention=duration("90d")
    )
    assert model.deploy.api.rollout.steps == (0.1, 0.5)
    drift = reference.monitors["drift"]
    assert is_valid(drift)
    assert drift.schedule == Schedule(
        cron="0 6 * * *", timezone="America/New_York", path=("monitors", "drift", "schedule", "cron")
    )
    assert (drift.breaches, drift.columns) == ((2, 3), None)
    production = reference.environments["production"]
    assert is_valid(production)
    assert production.overrides == ((("models", "late-arrival", "deploy", "api", "replicas"), 4),)
    assert production.auth == (("aws", (("region", "eu-west-1"), ("role", "arn:aws:iam::123456789012:role/mlops"))),)


def test_build_logs_predictions_unless_told_otherwise() -> None:
    """Monitors need the log, so it is on; false turns it off."""
    for line, sample in (("{}", 1.0), ("{log_predictions: {sample: 10%}}", 0.1), ("{log_predictions: false}", None)):
        model = built(QUICK_START + f"    deploy: {{api: {line}}}\n").models["species-of-penguin"]
        assert is_valid(model)
        assert model.deploy.api is not None
        assert is_valid(model.deploy.api)
        log = model.deploy.api.log_predictions
        assert (log.sample if log else None) == sample
