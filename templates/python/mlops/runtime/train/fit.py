# mypy: disable-error-code="import-untyped"
"""Step ``train``: choose parameters, fit on the training rows, choose the threshold, store without pickle."""

from __future__ import annotations

import inspect
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import skops.io

from ..core.config import ModelConfig
from ..core.errors import StepError
from ..core.files import read_json, replacing, write_json
from ..core.paths import Work
from ..core.personal import personal_features
from .business import Rows
from .encode import Encoder, Floats
from .frames import Array, Part, classes_of, read_part, target
from .measure import goal_of, measure
from .outcome import BINARY, Outcome
from .pipeline import ESTIMATOR, build_pipeline, import_name
from .scorer import Card, decide, raw_score
from .threshold import choose_threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The rows that teach and the rows that choose, encoded, and what they need to be judged."""

    config: ModelConfig
    encoder: Encoder
    classes: tuple[Any, ...]
    x: Floats
    y: Array
    weight: Floats | None
    x_validation: Floats
    y_validation: Array
    rows: Rows

    def outcome(self, model: Any, threshold: float | None) -> Outcome:
        """What ``model`` says about the validation rows."""
        task = self.config.task
        score = raw_score(model, self.x_validation, task, len(self.classes))
        decided = decide(score, task, threshold)
        return Outcome(task=task, classes=len(self.classes), actual=self.y_validation, score=score, decided=decided)


def train(config: ModelConfig, work: Work) -> str:
    """Fit the model and store it with its card; StepError when the estimator refuses the data."""
    training = _prepare(config, work)
    tuned, trials = _tuned(training)
    params = {**config.train.params, **tuned}
    model = fit(training, params)
    threshold = _threshold(training, model)
    trusted = _store(model, work)
    card = Card(
        model=config.model,
        task=config.task,
        encoder=training.encoder,
        classes=training.classes,
        threshold=threshold,
        estimator=str(config.train.estimator or config.train.entrypoint),
        params=params,
        seed=config.train.seed,
        trusted=tuple(trusted),
        seen=_seen(config, work),
    )
    write_json(work.model_card, card.to_json())
    report = {"rows": len(training.y), "validation_rows": len(training.y_validation), "params": params}
    write_json(work.train_report, {**report, "trials": trials, "threshold": threshold, "estimator": card.estimator})
    return _summary(card, len(training.y), trials)


def _prepare(config: ModelConfig, work: Work) -> Training:
    part, validation = read_part(config, work, "train"), read_part(config, work, "validation")
    classes = classes_of(config, part)
    hashed = personal_features(config.features, config.datasets[config.dataset].columns)
    encoder = Encoder.learn(config.features, part.columns, hashed)
    return Training(
        config=config,
        encoder=encoder,
        classes=classes,
        x=encoder.matrix(part.columns),
        y=target(config, part, classes),
        weight=part.weight,
        x_validation=encoder.matrix(validation.columns),
        y_validation=target(config, validation, classes),
        rows=Rows.read(work.rows("validation")),
    )


def fit(training: Training, params: Mapping[str, Any]) -> Any:
    """A model fitted on the training rows: the estimator of the spec, or whatever the entrypoint returns."""
    config = training.config
    if config.train.entrypoint:
        return _call_entrypoint(training, params)
    pipeline = build_pipeline(config, training.encoder, params)
    weights = {}
    if training.weight is not None:
        if "sample_weight" not in inspect.signature(pipeline[-1].fit).parameters:
            raise StepError(f"{config.train.estimator} takes no sample weights", "remove 'sample_weight'")
        weights = {f"{ESTIMATOR}__sample_weight": training.weight}
    try:
        return pipeline.fit(training.x, training.y, **weights)
    except (ValueError, TypeError) as error:
        raise _refused(training, error) from error


def _refused(training: Training, error: Exception) -> StepError:
    reason = str(error).strip().splitlines()[0]
    missing = [name for i, name in enumerate(training.encoder.names) if np.isnan(training.x[:, i]).any()]
    hint = "correct 'params'"
    if "NaN" in reason and missing:
        hint = f"missing values are in {', '.join(missing)}: set 'impute' for them, or choose another estimator"
    return StepError(f"{training.config.train.estimator} cannot be fitted: {reason}", hint)


def _call_entrypoint(training: Training, params: Mapping[str, Any]) -> Any:
    config = training.config
    path = str(config.train.entrypoint)
    function = import_name(path, "entrypoint")
    categorical = [i for i, feature in enumerate(config.features) if feature.role == "categorical"]
    names = list(training.encoder.names)
    model = function(
        training.x, training.y, columns=names, categorical=categorical, params=dict(params), seed=config.train.seed
    )
    if not hasattr(model, "predict"):
        raise StepError(f"entrypoint '{path}' returned {type(model).__name__}", "return an object with 'predict'")
    return model


def _tuned(training: Training) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    config = training.config
    if config.tune is None:
        return {}, []
    from .tune import search  # noqa: PLC0415 - only models that are tuned need optuna

    tune = config.tune
    if not len(training.y_validation):
        raise StepError("there are no validation rows to tune on", "give 'split.validation' a share")

    def judge(params: dict[str, Any]) -> float | None:
        outcome = training.outcome(fit(training, {**config.train.params, **params}), config.decision.threshold)
        return measure(config, tune.metric, outcome, training.rows, training.classes)

    return search(tune, config.train.seed, judge)


def _threshold(training: Training, model: Any) -> float | None:
    config = training.config
    metric = config.decision.metric
    if config.task != BINARY:
        return None
    if metric is None:
        return config.decision.threshold
    if not len(training.y_validation):
        raise StepError("there are no validation rows to choose a threshold on", "give 'split.validation' a share")
    goal = config.decision.goal or goal_of(config, metric)
    scored = training.outcome(model, None)
    return choose_threshold(
        scored, goal, lambda outcome: measure(config, metric, outcome, training.rows, training.classes)
    )


def _store(model: Any, work: Work) -> list[str]:
    """Write the model; the types that a loader has to trust come back."""
    with replacing(work.model) as temporary:
        try:
            skops.io.dump(model, temporary, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
        except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
            reason = str(error).strip().splitlines()[0]
            raise StepError(
                f"{type(model).__name__} cannot be stored without pickle: {reason}",
                "keep functions and open files out of the model's attributes",
            ) from error
        return sorted(skops.io.get_untrusted_types(file=temporary))


def _seen(config: ModelConfig, work: Work) -> dict[str, Any]:
    """Which rows the model has learned from, so that a later comparison can leave them out.

    With a split by time: all before the test rows began. Else the hashes of the training and validation rows, in
    ``seen.npy``.
    """
    work.seen.unlink(missing_ok=True)
    if config.split.by == "time":
        report = read_json(work.split_report, "split")
        column = config.datasets[config.dataset].time
        return {"by": "time", "column": column, "until": report["boundaries"]["test_from"]}
    parts: list[Part] = [read_part(config, work, name) for name in ("train", "validation")]
    hashes = np.unique(np.concatenate([np.asarray(part.row, dtype=np.uint64) for part in parts]))
    with replacing(work.seen) as temporary, temporary.open("wb") as file:
        np.save(file, hashes, allow_pickle=False)
    return {"by": "rows", "file": work.seen.name}


def _summary(card: Card, rows: int, trials: list[dict[str, Any]]) -> str:
    name = card.estimator.replace(":", ".").rpartition(".")[2]
    tuned = f", best of {len(trials)} trials" if trials else ""
    threshold = f", threshold {card.threshold:.4f}" if card.threshold is not None else ""
    return f"{name} on {rows:,} rows and {len(card.encoder.names)} features{tuned}{threshold}"
