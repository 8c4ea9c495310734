"""The prediction log of a model, as its service and its batch jobs together keep it."""

from __future__ import annotations

from ..model.models import Api, Batch, Model, PredictionLog
from ..model.resolved import ResolvedModel
from ..model.values import Duration, valid_items

DAY = 86400
OUTLASTS = 2 * DAY
"""How much longer than it must a row may be kept: a file takes a day's rows, and is looked at once a day."""


def logs(model: Model) -> list[PredictionLog]:
    """The settings of every place that logs; none where one of the places is broken."""
    places = [place for place in (model.deploy.api, model.deploy.batch) if place is not None]
    if not all(isinstance(place, Api | Batch) for place in places):
        return []
    found = [place.log_predictions for place in places if isinstance(place, Api | Batch)]
    return [log for log in found if log is not None and log.sample]


def shortest(model: Model) -> tuple[PredictionLog, Duration] | None:
    """The log that forgets first, and when: both places write into one folder, and each removes what is too old."""
    kept = [(log, log.retention) for log in logs(model) if log.retention is not None]
    return min(kept, key=lambda pair: pair[1].seconds, default=None)


def hidden_everywhere(model: ResolvedModel) -> frozenset[str]:
    """The raw columns that no place logs: redacted by name, or personal and not kept by name."""
    personal = personal_columns(model)
    found = [
        frozenset(name.name for name in log.redact) | (personal - {name.name for name in log.keep})
        for log in logs(model.spec)
    ]
    return frozenset.intersection(*found) if found else frozenset()


def personal_columns(model: ResolvedModel) -> frozenset[str]:
    """The columns of the model's dataset that are marked as personal."""
    known = valid_items(model.dataset.columns) if model.dataset is not None else ()
    return frozenset(name for name, column in known if column.pii)


def spelled(seconds: int) -> str:
    """A duration in the largest unit that leaves a whole number: ``7d``, ``90m``."""
    units = (("d", DAY), ("h", 3600), ("m", 60))
    return next((f"{seconds // size}{unit}" for unit, size in units if seconds % size == 0 and seconds), f"{seconds}s")
