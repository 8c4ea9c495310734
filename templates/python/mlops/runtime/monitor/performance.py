"""Monitor ``performance``: how good were the predictions of the window, now that their labels are known?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..core import duck
from ..core.config import ModelConfig, Monitor
from ..core.errors import StepError
from ..data.ingest import typed_query
from ..train.metrics import compute
from ..train.outcome import MULTICLASS, REGRESSION, Outcome
from ..train.scorer import Card
from .history import History, pointer, within
from .schedule import Window
from .verdicts import BREACHED, OK, Measure, WindowVerdict

LABELS = "__labels"


def open_labels(history: History, monitor: Monitor, config: ModelConfig) -> None:
    """Read the labels that are known by now, under the name ``__labels``: key columns and ``__label``."""
    name = monitor.labels or config.dataset
    if name not in config.datasets:
        raise StepError(f"monitor '{monitor.name}': the model does not read a dataset '{name}'", "compile again")
    dataset = config.datasets[name]
    key = _key(monitor, config)
    needed = {column: dataset.columns[column] for column in [*key, *config.label.columns]}
    query, _ = typed_query(history.database, name, dataset, needed)
    keys = ", ".join(duck.name(column) for column in key)
    history.database.execute(
        f"CREATE OR REPLACE TEMP TABLE {LABELS} AS SELECT {keys}, ({config.label.sql}) AS __label "
        f"FROM ({query}) AS {duck.name(name)} WHERE __label IS NOT NULL"
    )


def judge(history: History, window: Window, monitor: Monitor, config: ModelConfig, package: Path) -> WindowVerdict:
    """The metric of the window's predictions that have a label by now; a key counts with its last prediction."""
    rows = history.count(window)
    joined = history.database.execute(_join(window, monitor, config)).fetchall()
    if len(joined) < max(monitor.min_rows, 1):
        why = f"{len(joined):,} of {rows:,} predictions have a label, needs {max(monitor.min_rows, 1):,}"
        return WindowVerdict(window=window, rows=rows, why=why)
    name = str(monitor.metric)
    value = compute(name, _outcome(Card.read(package / "model.json"), joined))
    if value is None:
        return WindowVerdict(window=window, rows=rows, why=f"{name} has no value for {len(joined):,} labels")
    low = monitor.min is not None and value < monitor.min
    high = monitor.max is not None and value > monitor.max
    measure = Measure(
        name=name,
        verdict=BREACHED if low or high else OK,
        value=value,
        bound=_bound(monitor),
        detail=f"{len(joined):,} of {rows:,} predictions have a label",
    )
    return WindowVerdict(window=window, rows=rows, measures=(measure,))


def _key(monitor: Monitor, config: ModelConfig) -> list[str]:
    key = config.datasets[config.dataset].key
    if not key:
        message = f"monitor '{monitor.name}' joins labels on the key, and dataset '{config.dataset}' has none"
        raise StepError(message, "name the key of the dataset in mlops.yaml")
    return key


def _join(window: Window, monitor: Monitor, config: ModelConfig) -> str:
    dataset = config.datasets[monitor.labels or config.dataset]
    key = _key(monitor, config)
    same = " AND ".join(
        f"CAST(p.key->>{pointer(name)} AS {duck.TYPES[dataset.columns[name].type]}) = l.{duck.name(name)}"
        for name in key
    )
    newest = "row_number() OVER (PARTITION BY key ORDER BY logged_at DESC) = 1"
    last = f"SELECT * FROM log WHERE {within(window)} QUALIFY {newest}"
    # A label that was corrected is there twice in an append-only source: one row per prediction all the same.
    once = f"SELECT DISTINCT ON ({', '.join(duck.name(name) for name in key)}) * FROM {LABELS}"
    return f"SELECT p.score, p.decision, p.probabilities, l.__label FROM ({last}) p JOIN ({once}) l ON {same}"


def _outcome(card: Card, joined: list[tuple[Any, ...]]) -> Outcome:
    scores, decisions, probabilities, labels = zip(*joined, strict=True)
    if card.task == REGRESSION:
        values = np.array(scores, dtype=np.float64)
        actual = np.array([float(label) for label in labels])
        return Outcome(task=card.task, classes=0, actual=actual, score=values, decided=values)
    codes = {value: code for code, value in enumerate(card.classes)}
    known = [row for row, label in enumerate(labels) if label in codes]
    score = np.array(scores, dtype=np.float64)
    if card.task == MULTICLASS:
        score = np.array([[json.loads(text)[str(name)] for name in card.classes] for text in probabilities])
    return Outcome(
        task=card.task,
        classes=len(card.classes),
        actual=np.array([codes[labels[row]] for row in known], dtype=np.int64),
        score=score[known],
        decided=np.array([codes[json.loads(decisions[row])] for row in known], dtype=np.int64),
    )


def _bound(monitor: Monitor) -> str:
    bounds = [f"{sign} {bound:g}" for sign, bound in ((">=", monitor.min), ("<=", monitor.max)) if bound is not None]
    return " and ".join(bounds)
