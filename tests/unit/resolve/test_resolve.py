"""What follows from a spec without being written."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlopsc.model.build import build
from mlopsc.model.resolved import Project, ResolvedModel
from mlopsc.resolve import resolve

SPEC = """\
version: 1
data:
  flights:
    source: data/flights.parquet
    key: [flight_id]
    time: scheduled
    columns:
      flight_id: {type: string}
      scheduled: {type: timestamp}
      departed_at: {type: timestamp, nullable: true}
      tail_number: {type: string, unique: true}
      passenger: {type: string, pii: true}
      carrier: {type: string}
      origin: {type: string, nullable: true}
      distance: {type: float}
      seats: {type: integer, nullable: true}
      dep_delay: {type: float, known_at: departed_at}
      arr_delay: {type: float, nullable: true, available_after: 1d}
models:
  late:
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def project(**changes: Any) -> Project:
    """The project of the spec, with changes to its model."""
    data = yaml.safe_load(SPEC)
    features = changes.pop("features_section", None)
    if features:
        data["features"] = features
    data["models"]["late"].update(changes)
    return resolve(build(data))


def model(**changes: Any) -> ResolvedModel:
    """The model of the spec, with changes."""
    found = project(**changes).models["late"]
    assert isinstance(found, ResolvedModel)
    return found


def test_implicit_features_are_what_is_known_and_no_name() -> None:
    """No key, time, label, unique or personal column, and nothing that comes later."""
    names = [prepared.feature.name for prepared in model().features]
    assert names == ["carrier", "origin", "distance", "seats"]


def test_implicit_features_grow_with_the_moment_of_prediction() -> None:
    """What is known at departure is a feature of a model that predicts then."""
    names = [prepared.feature.name for prepared in model(predict_at="departed_at").features]
    assert names == ["carrier", "origin", "distance", "seats", "dep_delay"]


def test_implicit_set_has_a_name_of_its_own() -> None:
    """The module that compiles it is not that of another set."""
    found = project()
    assert list(found.feature_sets) == ["late-features"]
    assert found.feature_sets["late-features"].module == "late_features"  # type: ignore[union-attr]


PREPARED = [
    (
        "sklearn.ensemble.HistGradientBoostingClassifier",
        {"carrier": ("categorical", "ordinal", None, None), "seats": ("numeric", None, None, None)},
    ),
    (
        "sklearn.ensemble.RandomForestClassifier",
        {
            "carrier": ("categorical", "ordinal", None, None),
            "origin": ("categorical", "ordinal", "most_frequent", None),
            "distance": ("numeric", None, None, None),
            "seats": ("numeric", None, "median", None),
        },
    ),
    (
        "sklearn.linear_model.LogisticRegression",
        {
            "carrier": ("categorical", "onehot", None, None),
            "origin": ("categorical", "onehot", "most_frequent", None),
            "distance": ("numeric", None, None, "standard"),
            "seats": ("numeric", None, "median", "standard"),
        },
    ),
]


@pytest.mark.parametrize(("estimator", "expected"), PREPARED, ids=[found[0].rpartition(".")[2] for found in PREPARED])
def test_preprocessing_follows_from_type_and_estimator(estimator: str, expected: dict[str, Any]) -> None:
    """Codes or columns for categories, imputation where gaps are possible, scale where size matters."""
    found = {
        prepared.feature.name: (prepared.role, prepared.encode, prepared.impute, prepared.scale)
        for prepared in model(train={"estimator": estimator}).features
    }
    assert {name: found[name] for name in expected} == expected


def test_preprocessing_that_is_written_wins() -> None:
    """Also ``none``, and an encoding that makes a number a category."""
    wishes = {"seats": {"encode": "onehot", "impute": "none"}, "distance": {"scale": "standard"}}
    found = {prepared.feature.name: prepared for prepared in model(preprocess=wishes).features}
    assert (found["seats"].role, found["seats"].encode, found["seats"].impute) == ("categorical", "onehot", None)
    assert found["distance"].scale == "standard"


TASKS = [
    ("arr_delay > 15", "sklearn.ensemble.RandomForestClassifier", "binary-classification"),
    ("arr_delay", "sklearn.linear_model.Ridge", "regression"),
    ("carrier", "sklearn.ensemble.RandomForestClassifier", "multiclass-classification"),
    ("seats", "sklearn.linear_model.PoissonRegressor", "regression"),
    ("seats", "sklearn.ensemble.RandomForestClassifier", "multiclass-classification"),
    ("case when distance > 9 then 1 else 0 end", "sklearn.svm.SVC", "binary-classification"),
    ("seats", "elsewhere.Forest", None),
    ("scheduled", "sklearn.svm.SVC", None),
]


@pytest.mark.parametrize(("label", "estimator", "task"), TASKS)
def test_task_follows_from_label_and_estimator(label: str, estimator: str, task: str | None) -> None:
    """Booleans are binary, floats regressions, strings classes; integers are what the estimator learns."""
    assert model(label=label, train={"estimator": estimator}).task == task


def test_metrics_follow_from_the_task_and_the_gates() -> None:
    """The task's own, and what a gate asks for; a written list stays as it is."""
    assert model().metrics == ("roc_auc", "average_precision", "log_loss", "accuracy")
    assert model(gates=[{"metric": "recall", "min": 0.5}]).metrics[-1] == "recall"
    assert model(evaluate={"metrics": ["f1"]}, gates=[{"metric": "recall", "min": 0.5}]).metrics == ("f1",)


def test_request_is_key_time_and_what_features_read() -> None:
    """A window is looked up by its entity at the row's time; its own column is not asked for."""
    columns = {
        "distance": None,
        "hour": {"sql": "extract(hour from scheduled)"},
        "usual": {"aggregate": "avg(arr_delay)", "by": ["carrier"], "window": "7d", "lag": "1d"},
        "full": {"sql": "seats > 100"},
    }
    sets = {"trip": {"from": "flights", "columns": {name: made or {} for name, made in columns.items()}}}
    found = model(features_section=sets, features=["trip"])
    assert [(field.name, field.dtype, field.nullable, field.role) for field in found.request] == [
        ("flight_id", "string", False, "key"),
        ("scheduled", "timestamp", False, "time"),
        ("carrier", "string", False, "feature"),
        ("distance", "float", False, "feature"),
        ("seats", "integer", True, "feature"),
    ]


def test_request_has_no_time_that_nothing_reads() -> None:
    """A client is asked for what a prediction needs."""
    names = [field.name for field in model().request]
    assert names == ["flight_id", "carrier", "origin", "distance", "seats"]


def test_split_is_by_time_where_rows_have_one() -> None:
    """Else by chance; a group says so by itself."""
    assert model().split_by == "time"
    assert model(split={"group": "carrier"}).split_by == "group"
    assert model(split={"by": "random"}).split_by == "random"


def test_unknown_names_leave_gaps_and_no_exception() -> None:
    """What cannot be looked up is None; the checks say why."""
    found = model(features=["nothing"])
    assert (found.dataset, found.task, found.features, found.request) == (None, None, (), ())
