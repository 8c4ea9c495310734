"""The sentences of the page: what a step does, when a schedule comes, what a gate asks for."""

from __future__ import annotations

from collections.abc import Mapping

from ...model.models import Gate
from ...model.monitors import Monitor
from ...model.values import Schedule

STEPS: Mapping[str, str] = {
    "ingest": "Reads the rows of the dataset into a table on this machine.",
    "validate": "Holds the rows to the contract of the dataset: types, ranges, keys, and the checks of the table.",
    "features": "Computes every feature and the label, each at its row's own time.",
    "split": "Divides the rows into train, validation and test.",
    "train": "Fits the model on the train rows, after a search for parameters where the spec asks for one.",
    "evaluate": "Measures the model on the test rows, also by slice and in business terms.",
    "gate": "Decides whether this model may go on; a gate that fails stops the run with exit code 5.",
    "register": "Writes a version to the registry and makes it the challenger.",
    "package": "Packs the model, its features and its contract for serving.",
}
WEEKDAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
MONITORS: Mapping[str, str] = {
    "data-drift": "Compares the features of a window of predictions with those that the model was trained on.",
    "prediction-drift": "Compares the scores of a window of predictions with those of the test rows.",
    "performance": "Measures the model again, as labels arrive.",
    "data-quality": "Holds the logged requests to the contract of the dataset.",
    "service": "Watches latency and errors of the service.",
}


def when(schedule: Schedule) -> str:
    """A schedule in words where they are short, such as ``Mondays 02:00``; else the cron expression itself."""
    minute, hour, day, month, weekday = (*schedule.cron.split(), "", "", "", "", "")[:5]
    if month != "*" or not minute.isdecimal():
        return _often(minute, hour, day, month, weekday) or schedule.cron
    if hour == "*" and (day, weekday) == ("*", "*"):
        return f"hourly at :{minute:0>2}"
    if not hour.isdecimal():
        return schedule.cron
    days = _days(day, weekday)
    return f"{days} {hour:0>2}:{minute:0>2}" if days else schedule.cron


def _often(minute: str, *others: str) -> str | None:
    step = minute.removeprefix("*/")
    return f"every {step} minutes" if step.isdecimal() and step != minute and set(others) == {"*"} else None


def _days(day: str, weekday: str) -> str | None:
    if (day, weekday) == ("*", "*"):
        return "daily"
    if day == "*" and weekday.isdecimal() and int(weekday) < len(WEEKDAYS):
        return WEEKDAYS[int(weekday)]
    return f"monthly, day {day}," if weekday == "*" and day.isdecimal() else None


def gate(asked: Gate) -> str:
    """What a gate asks for, such as ``roc_auc ≥ 0.75``."""
    if asked.kind == "latency_p95":
        return f"p95 latency ≤ {(asked.max or 0) * 1000:g} ms"
    if asked.kind == "model_size":
        return f"size ≤ {(asked.max or 0) / 1e6:g} MB"
    name = asked.metric.name if asked.metric else asked.kind
    if asked.kind == "champion":
        return f"{name} vs champion"
    bounds = [f"≥ {asked.min:g}"] if asked.min is not None else []
    bounds += [f"≤ {asked.max:g}"] if asked.max is not None else []
    text = f"{name} {', '.join(bounds)}"
    return f"{text} by {asked.slice.name}" if asked.slice else text


def breach(monitor: Monitor) -> str:
    """What a breach of a monitor does."""
    actions = {reference.name for reference in monitor.on_breach}
    said = {"alert": "sends an alert", "retrain": "starts training again"}
    found = [words for name, words in said.items() if name in actions]
    return f"A breach {' and '.join(found)}." if found else "A breach is only reported."
