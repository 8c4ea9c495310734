"""A packaged model, ready to answer: from raw values to features, score and decision, without pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.config import ModelConfig, load_model
from ..core.errors import StepError
from ..features.online import OnlineFeatures
from ..train.outcome import MULTICLASS
from ..train.scorer import Scorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the model says about one request.

    ``score`` is the probability of the second class (binary), of the chosen class (more than two), or the value.
    """

    score: float
    decision: Any
    features: Mapping[str, Any]
    probabilities: dict[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A package in memory; answering needs nothing else. Safe to share between threads."""

    config: ModelConfig
    version: str
    scorer: Scorer
    features: OnlineFeatures
    metrics: Mapping[str, float]
    sample_request: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> ServedModel:
        """The package in ``folder``; StepError when there is none or a part of it is missing."""
        if not (folder / "config.json").exists():
            hint = "run the steps up to 'package' first, or set MLOPS_PACKAGE"
            raise StepError(f"there is no packaged model in {folder}", hint)
        config = load_model(folder / "config.json")
        return cls(
            config=config,
            version=str(_read(folder / "version.json").get("version", "local")),
            scorer=Scorer.load(folder),
            features=OnlineFeatures(config, folder),
            metrics=_read(folder / "metrics.json").get("metrics", {}),
            sample_request=_read(folder / "sample_request.json"),
        )

    @property
    def key_fields(self) -> list[str]:
        """The fields of a request that say what it is about; labels are joined on them."""
        return [field.name for field in self.config.request if field.role == "key"]

    @property
    def time_field(self) -> str | None:
        """The field of a request that says when it is about, if there is one."""
        return next((field.name for field in self.config.request if field.role == "time"), None)

    def predict(self, requests: Sequence[Mapping[str, Any]]) -> list[Prediction]:
        """One prediction per request, whose values have their types already; one call of the model for all."""
        features = self.features.compute_many([self.features.parse(request) for request in requests])
        rows = [self.scorer.card.encoder.row(values) for values in features]
        scores = self.scorer.score(np.concatenate(rows))
        return predictions(self.scorer, scores, features)

    def close(self) -> None:
        """Give the feature store back."""
        self.features.close()


def predictions(scorer: Scorer, scores: Any, features: Sequence[Mapping[str, Any]]) -> list[Prediction]:
    """Scores of the model [rows] or [rows, classes] as predictions, each with the features that it came from."""
    decisions = scorer.label(scorer.decide(scores))
    if scorer.card.task != MULTICLASS:
        return [
            Prediction(score=score, decision=decision, features=values)
            for score, decision, values in zip(scores.tolist(), decisions, features, strict=True)
        ]
    names = [str(name) for name in scorer.card.classes]
    return [
        Prediction(score=max(row), decision=decision, features=values, probabilities=dict(zip(names, row, strict=True)))
        for row, decision, values in zip(scores.tolist(), decisions, features, strict=True)
    ]


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
