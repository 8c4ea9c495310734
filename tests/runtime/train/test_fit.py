"""Training: any estimator by its path, the user's own function, tuning, weights, thresholds; stored without pickle."""

from __future__ import annotations

import json
import zipfile
from importlib import import_module
from typing import Any

import numpy as np
import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
PREPARED = ("ingest", "features", "split", "train", "evaluate")


def test_regression_of_diabetes_equals_scikit_learn_by_hand(diabetes: Any) -> None:
    """Scaling and ridge on the same rows, done here without the runtime, give the same predictions."""
    from sklearn.linear_model import Ridge  # type: ignore[import-untyped]  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]  # noqa: PLC0415

    diabetes.step(*PREPARED)
    names = [feature["name"] for feature in diabetes.config["features"]]
    selected = ", ".join(names)
    train = np.array(diabetes.rows(f"SELECT {selected}, __label FROM 'split/train.parquet'"))
    test = np.array(diabetes.rows(f"SELECT {selected} FROM 'split/test.parquet' ORDER BY __row"))
    model = make_pipeline(StandardScaler(), Ridge(alpha=1.0, random_state=7)).fit(train[:, :-1], train[:, -1])
    scored = np.array(diabetes.rows("SELECT prediction FROM 'evaluate/scored.parquet' ORDER BY __row"))[:, 0]
    np.testing.assert_allclose(scored, model.predict(test), rtol=1e-9)


def test_training_again_gives_the_same_model(penguins: Any) -> None:
    """Seed and rows decide: two runs score every row alike."""
    penguins.config["train"] |= {"estimator": "sklearn.ensemble.RandomForestClassifier", "params": {"n_estimators": 20}}
    penguins.write()
    scores = []
    for _ in range(2):
        penguins.step(*PREPARED)
        scores.append(penguins.rows("SELECT * FROM 'evaluate/scored.parquet'"))
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("estimator", "params", "encode", "impute"),
    [
        ("sklearn.svm.LinearSVC", {}, "onehot", "median"),
        ("sklearn.ensemble.HistGradientBoostingClassifier", {"max_iter": 20}, "ordinal", None),
        ("sklearn.neighbors.KNeighborsClassifier", {"n_neighbors": 3}, "target", "mean"),
    ],
)
def test_estimators_of_every_family_learn_penguins(
    penguins: Any, estimator: str, params: dict[str, Any], encode: str, impute: str | None
) -> None:
    """With and without probabilities, native categories, target encoding and imputing: nine of ten are right."""
    penguins.config["train"] |= {"estimator": estimator, "params": params}
    for feature in penguins.config["features"]:
        words = feature["role"] == "categorical"
        feature |= {
            "encode": encode if words else None,
            "impute": ("most_frequent" if words else impute) if impute else None,
        }
    penguins.write()
    penguins.step(*PREPARED)
    assert penguins.read("evaluate/metrics.json")["metrics"]["accuracy"] > 0.9
    assert zipfile.is_zipfile(penguins.work / "train" / "model.skops")


def test_loading_trusts_only_the_types_on_the_card(trained_penguins: Any) -> None:
    """A stored model whose card lists fewer types is refused instead of brought to life."""
    scorer = import_module(f"{RUNTIME}.train.scorer")
    trained = scorer.Scorer.load(trained_penguins.work / "train")
    assert trained.card.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert not any(
        "pickle" in name for name in zipfile.ZipFile(trained_penguins.work / "train" / "model.skops").namelist()
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"estimator": "sklearn.linear_model.LogitRegression"},
            (
                "estimator 'sklearn.linear_model.LogitRegression': 'sklearn.linear_model' has no 'LogitRegression'\n"
                "  help: correct the import path\n"
            ),
        ),
        (
            {"estimator": "boosts.Boost"},
            "estimator 'boosts.Boost': no module 'boosts'\n  help: install it, or add its folder to 'code'\n",
        ),
        (
            {"params": {"penaltyy": "l2"}},
            (
                "sklearn.linear_model.LogisticRegression: got an unexpected keyword argument 'penaltyy'\n"
                "  help: correct 'params'\n"
            ),
        ),
    ],
)
def test_estimator_that_cannot_be_made_is_a_message(penguins: Any, change: dict[str, Any], message: str) -> None:
    """A wrong path, a missing package and a wrong parameter are named with what to do."""
    penguins.config["train"] |= change
    penguins.write()
    done = penguins.step("ingest", "features", "split", "train", code=1)
    assert done.stderr == f"error[species train]: {message}"


def test_missing_values_that_the_estimator_refuses_are_named(penguins: Any) -> None:
    """Without imputing, logistic regression says no, and we say where the holes are."""
    for feature in penguins.config["features"]:
        feature["impute"] = None
    penguins.write()
    done = penguins.step("ingest", "features", "split", "train", code=1)
    assert done.stderr == (
        "error[species train]: sklearn.linear_model.LogisticRegression cannot be fitted: Input X contains NaN.\n"
        "  help: missing values are in sex, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g: "
        "set 'impute' for them, or choose another estimator\n"
    )


def test_tuning_keeps_the_best_trial_of_the_validation_rows(diabetes: Any) -> None:
    """Every trial is reported, the best one is what is fitted, and the seed makes it the same again."""
    diabetes.config["tune"] = {
        "trials": 4,
        "metric": "rmse",
        "goal": "minimize",
        "space": {"alpha": {"kind": "float", "low": 0.01, "high": 100, "log": True}},
    }
    diabetes.write()
    shown = diabetes.step("ingest", "features", "split", "train").stdout
    report = diabetes.read("train/train.json")
    values = [trial["value"] for trial in report["trials"]]
    best = report["trials"][values.index(min(values))]
    assert len(values) == 4
    assert report["params"] == {"alpha": best["params"]["alpha"]}
    assert f"  trial 4/4  rmse {values[3]:.4f}  alpha=" in shown
    assert diabetes.read("train/model.json")["params"] == report["params"]
    diabetes.step("train")
    assert diabetes.read("train/train.json")["trials"] == report["trials"]


ENTRYPOINT = '''
"""The team's own training."""

from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.impute import SimpleImputer


def train(x, y, *, columns, categorical, params, seed):
    """Neighbours of the columns that matter."""
    assert x.shape == (len(y), len(columns))
    assert columns[0] == "age" and categorical == [] and seed == 7
    return make_pipeline(SimpleImputer(), KNeighborsRegressor(n_neighbors=params["neighbours"])).fit(x, y)
'''


def test_entrypoint_of_the_user_is_called_and_stored(diabetes: Any) -> None:
    """A function in a package of the project trains the model; its package is found through the plan."""
    package = diabetes.folder / "src" / "clinic"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "training.py").write_text(ENTRYPOINT)
    diabetes.plan["code"] = ["src/clinic"]
    diabetes.config["train"] |= {
        "estimator": None,
        "entrypoint": "clinic.training:train",
        "params": {"neighbours": 15},
    }
    diabetes.write()
    shown = diabetes.step(*PREPARED).stdout
    assert "train     train on 286 rows and 10 features" in shown
    card = diabetes.read("train/model.json")
    assert (card["estimator"], card["params"]) == ("clinic.training:train", {"neighbours": 15})
    assert diabetes.read("evaluate/metrics.json")["metrics"]["r2"] > 0.2


def test_sample_weights_reach_the_estimator(penguins: Any) -> None:
    """Rows that weigh nothing teach nothing: a species without weight is never predicted."""
    penguins.config["train"] |= {
        "estimator": "sklearn.ensemble.RandomForestClassifier",
        "params": {"n_estimators": 20},
        "sample_weight": "CASE WHEN species = 'Chinstrap' THEN 0 ELSE 1 END",
    }
    penguins.write()
    penguins.step(*PREPARED)
    predicted = penguins.rows("SELECT DISTINCT prediction FROM 'evaluate/scored.parquet' ORDER BY 1")
    assert predicted == [("Adelie",), ("Gentoo",)]


def test_sample_weights_that_cannot_be_used_are_refused(penguins: Any) -> None:
    """An estimator without sample weights says so instead of ignoring them."""
    penguins.config["train"] |= {
        "estimator": "sklearn.neighbors.KNeighborsClassifier",
        "params": {},
        "sample_weight": "1",
    }
    penguins.write()
    done = penguins.step("ingest", "features", "split", "train", code=1)
    assert done.stderr == (
        "error[species train]: sklearn.neighbors.KNeighborsClassifier takes no sample weights\n"
        "  help: remove 'sample_weight'\n"
    )


def test_threshold_is_the_best_one_for_the_business_on_validation(trained_flights: Any) -> None:
    """No other percentile of the validation scores saves more minutes than the one that was chosen."""
    runtime = {name: import_module(f"{RUNTIME}.train.{name}") for name in ("scorer", "frames")}
    scorer = runtime["scorer"].Scorer.load(trained_flights.work / "train")
    path = trained_flights.work / "split" / "validation.parquet"
    columns = runtime["frames"].read_columns(path, [*scorer.card.encoder.names, "__label", "raw__arr_delay"])
    late, delay = np.asarray(columns.pop("__label")), np.asarray(columns.pop("raw__arr_delay"))
    score = scorer.score_columns(columns)

    def saved(threshold: float) -> float:
        return float(np.sum(np.where(score >= threshold, np.where(late, delay, -10), 0)))

    others = np.quantile(score, np.linspace(0.01, 0.99, 99))
    assert saved(scorer.card.threshold) == max(saved(float(other)) for other in others)
    assert trained_flights.read("train/train.json")["threshold"] == scorer.card.threshold


def test_label_with_more_than_two_values_is_not_binary(penguins: Any) -> None:
    """A binary task over three species says which values it found."""
    penguins.config["task"] = "binary-classification"
    penguins.write()
    done = penguins.step("ingest", "features", "split", "train", code=1)
    assert done.stderr == (
        "error[species train]: the label of a binary-classification has 3 values in the training rows: "
        "Adelie, Chinstrap, Gentoo\n  help: it needs exactly two; change 'task' or 'label'\n"
    )


def test_model_card_is_json_that_a_person_can_read(trained_penguins: Any) -> None:
    """The card names features, categories, classes and which rows were seen."""
    card = json.loads((trained_penguins.work / "train" / "model.json").read_text())
    assert card["features"]["categories"]["island"] == ["Biscoe", "Dream", "Torgersen"]
    assert card["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert card["seen"] == {"by": "rows", "file": "seen.npy"}
    assert len(np.load(trained_penguins.work / "train" / "seen.npy")) == 223 + 53
