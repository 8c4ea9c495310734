# mypy: disable-error-code="import-untyped"
"""A fitted model with what turns features into its input and its answer into a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import skops.io
from threadpoolctl import ThreadpoolController

from ..core.errors import StepError
from ..core.files import missing
from .encode import Encoder, Floats
from .outcome import BINARY, REGRESSION, Outcome

Array = npt.NDArray[Any]

FEW_ROWS = 256
"""Up to here one thread is faster: waking the others costs more than the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What stands beside a stored model, in ``model.json``.

    ``classes`` are the label's values in the order of their codes (empty for regression); ``trusted`` are the types
    that loading the model may bring to life; ``seen`` says which rows it was trained on.
    """

    model: str
    task: str
    encoder: Encoder
    classes: tuple[Any, ...]
    threshold: float | None
    estimator: str
    params: dict[str, Any]
    seed: int
    trusted: tuple[str, ...]
    seen: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The card as it is stored."""
        return {
            "version": 1,
            "model": self.model,
            "task": self.task,
            "features": self.encoder.to_json(),
            "classes": list(self.classes),
            "threshold": self.threshold,
            "estimator": self.estimator,
            "params": self.params,
            "seed": self.seed,
            "trusted": list(self.trusted),
            "seen": self.seen,
        }

    @classmethod
    def read(cls, path: Path) -> Card:
        """The card in ``path``."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise missing(path, "train") from error
        return cls(
            model=data["model"],
            task=data["task"],
            encoder=Encoder.from_json(data["features"]),
            classes=tuple(data["classes"]),
            threshold=data["threshold"],
            estimator=data["estimator"],
            params=data["params"],
            seed=data["seed"],
            trusted=tuple(data["trusted"]),
            seen=data["seen"],
        )


class Scorer:
    """Scores rows and decides; the same code for evaluation, batches and requests."""

    def __init__(self, card: Card, model: Any) -> None:
        self.card = card
        self.model = model
        self._threads = ThreadpoolController()

    @classmethod
    def load(cls, folder: Path) -> Scorer:
        """The model stored in ``folder`` (model.skops and model.json); only the types its card lists are trusted."""
        card = Card.read(folder / "model.json")
        try:
            model = skops.io.load(folder / "model.skops", trusted=list(card.trusted))
        except FileNotFoundError as error:
            raise missing(folder / "model.skops", "train") from error
        except ModuleNotFoundError as error:
            raise StepError(
                f"the model needs the package '{error.name}'", "install the model's requirements"
            ) from error
        return cls(card, model)

    def score_columns(self, columns: Mapping[str, Any]) -> Floats:
        """The scores of feature columns; see ``score``."""
        return self.score(self.card.encoder.matrix(columns))

    def score_row(self, features: Mapping[str, Any]) -> Floats:
        """The score of the features of one request; see ``score``."""
        return self.score(self.card.encoder.row(features))

    def score(self, x: Floats) -> Floats:
        """The score of each row of ``x`` [rows, features].

        The probability of the second class [rows] (binary), of every class [rows, classes], or the value [rows].
        """
        if len(x) > FEW_ROWS:
            return raw_score(self.model, x, self.card.task, len(self.card.classes))
        with self._threads.limit(limits=1, user_api="openmp"):
            return raw_score(self.model, x, self.card.task, len(self.card.classes))

    def decide(self, score: Floats) -> Array:
        """Class codes [rows]: by the threshold (binary), the most probable class; values stay what they are."""
        return decide(score, self.card.task, self.card.threshold)

    def label(self, decided: Array) -> list[Any]:
        """Decisions in the label's own values: the class of each code, the value itself for regression."""
        if self.card.task == REGRESSION:
            return [float(value) for value in decided]
        return [self.card.classes[int(code)] for code in decided]

    def outcome(self, score: Floats, actual: Array) -> Outcome:
        """Scores beside what happened (class codes or values), for metrics."""
        classes = len(self.card.classes)
        return Outcome(task=self.card.task, classes=classes, actual=actual, score=score, decided=self.decide(score))


def decide(score: Floats, task: str, threshold: float | None) -> Array:
    """Class codes [rows] from scores, at ``threshold`` when there are two classes; values stay what they are."""
    if task == REGRESSION:
        return score
    if task == BINARY:
        return np.asarray(score >= (0.5 if threshold is None else threshold), dtype=np.int64)
    return np.asarray(np.argmax(score, axis=1), dtype=np.int64)


def raw_score(model: Any, x: Floats, task: str, classes: int) -> Floats:
    """The scores of any fitted model; see ``Scorer.score``."""
    if task == REGRESSION:
        return np.asarray(model.predict(x), dtype=np.float64).reshape(len(x))
    if hasattr(model, "predict_proba"):
        probability = np.asarray(model.predict_proba(x), dtype=np.float64)
    elif hasattr(model, "decision_function"):
        probability = _squash(np.asarray(model.decision_function(x), dtype=np.float64))
    else:
        probability = np.eye(classes)[np.asarray(model.predict(x), dtype=np.int64)]
    return np.asarray(probability[:, 1] if task == BINARY else probability, dtype=np.float64)


def _squash(margin: Floats) -> Floats:
    """Margins as numbers between 0 and 1 in the same order; they rank, but are no calibrated probabilities."""
    if margin.ndim == 1:
        margin = np.column_stack([np.zeros_like(margin), margin])
    powers = np.exp(margin - margin.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)
