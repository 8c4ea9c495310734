# mypy: disable-error-code="import-untyped"
"""Step ``evaluate``: what the model is worth on the test rows, as a whole, slice by slice and to the business."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa

from ..core import duck
from ..core.config import ModelConfig
from ..core.console import cell
from ..core.errors import StepError
from ..core.files import write_json
from ..core.paths import Work
from ..core.personal import personal_columns, personal_features
from ..features.batch import LABEL, RAW, ROW, WEIGHT
from .business import Rows, answers
from .frames import read_part, target
from .metrics import compute
from .outcome import MULTICLASS, Outcome
from .scorer import Scorer

MOST_SLICES = 100
TIMED_ROWS = 100
PASSES = 3


def evaluate(config: ModelConfig, work: Work) -> str:
    """Score the test rows, measure everything that the spec and its gates ask for, store both."""
    scorer = Scorer.load(work.model.parent)
    part, rows = read_part(config, work, "test"), Rows.read(work.rows("test"))
    if not len(part):
        raise StepError("there are no test rows", "give 'split.test' a share")
    outcome = scorer.outcome(scorer.score_columns(part.columns), target(config, part, scorer.card.classes))
    metrics = {name: compute(name, outcome) for name in wanted_metrics(config)}
    business = _business(config, rows, outcome, scorer)
    report = {
        "rows": len(part),
        "metrics": metrics,
        "slices": {column: _slices(config, rows, outcome, column) for column in wanted_slices(config)},
        "business": business,
        "threshold": scorer.card.threshold,
        "latency_p95_seconds": latency_p95(scorer, part.columns),
        "model_bytes": work.model.stat().st_size + work.model_card.stat().st_size,
    }
    _write_scored(rows, outcome, scorer, work)
    write_json(work.metrics, report)
    shown = ", ".join(f"{name} {cell(value)}" for name, value in {**metrics, **business}.items())
    return f"{len(part):,} rows: {shown}"


def wanted_metrics(config: ModelConfig) -> list[str]:
    """The standard metrics that the spec lists, that a gate bounds or that chose the threshold."""
    gated = [gate.metric for gate in config.gates if gate.metric]
    chosen = [name for name in (config.decision.metric, config.tune.metric if config.tune else None) if name]
    names = dict.fromkeys([*config.evaluate.metrics, *gated, *chosen])
    return [name for name in names if name not in config.evaluate.business]


def wanted_slices(config: ModelConfig) -> list[str]:
    """The columns that the spec or a gate cuts the test rows by."""
    return list(dict.fromkeys([*config.evaluate.slices, *(gate.slice for gate in config.gates if gate.slice)]))


def _business(config: ModelConfig, rows: Rows, outcome: Outcome, scorer: Scorer) -> dict[str, float | None]:
    classes = scorer.card.classes
    return {name: rows.business(name, item.sql, outcome, classes) for name, item in config.evaluate.business.items()}


def _slices(config: ModelConfig, rows: Rows, outcome: Outcome, column: str) -> dict[str, dict[str, Any]]:
    """Every standard metric for each value of ``column``; the most frequent values when there are very many."""
    stored = RAW + column if RAW + column in rows.content.column_names else column
    if stored not in rows.content.column_names:
        raise StepError(f"cannot slice by '{column}': it is neither a column nor a feature", "correct 'slices'")
    values = np.array(["missing" if v is None else str(v) for v in rows.content[stored].to_pylist()], dtype=object)
    names, counts = np.unique(values.astype(str), return_counts=True)
    frequent = sorted(names[np.argsort(-counts, kind="stable")][:MOST_SLICES])
    found = {str(name): _slice(config, outcome.select(values == name)) for name in frequent}
    return _numbered(found) if _is_personal(config, column) else found


def _is_personal(config: ModelConfig, column: str) -> bool:
    columns = config.datasets[config.dataset].columns
    return column in personal_columns(columns) or column in personal_features(config.features, columns)


def _numbered(slices: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The slices without the values of a personal column: numbers for names, the largest first."""
    ordered = sorted(slices.values(), key=lambda entry: -entry["rows"])
    return {f"value {number}": entry for number, entry in enumerate(ordered, start=1)}


def _slice(config: ModelConfig, outcome: Outcome) -> dict[str, Any]:
    return {"rows": len(outcome.actual), **{name: compute(name, outcome) for name in wanted_metrics(config)}}


def latency_p95(scorer: Scorer, columns: dict[str, Any]) -> float:
    """Seconds within which 95% of single-row predictions are done on this machine.

    Measured over up to 100 real rows: features to input, input to score, score to decision; without HTTP. The best
    of three passes counts, so that what else the machine does matters less.
    """
    first = {name: values[:TIMED_ROWS].tolist() for name, values in columns.items()}
    samples = [dict(zip(first, row, strict=True)) for row in zip(*first.values(), strict=True)]
    return min(float(np.quantile(_durations(scorer, samples), 0.95)) for _ in range(PASSES))


def _durations(scorer: Scorer, samples: list[dict[str, Any]]) -> list[float]:
    durations = []
    for sample in samples:
        started = time.perf_counter()
        scorer.decide(scorer.score_row(sample))
        durations.append(time.perf_counter() - started)
    return durations


def _write_scored(rows: Rows, outcome: Outcome, scorer: Scorer, work: Work) -> None:
    """The test rows as they are, with score, prediction and actual, and each class's probability if many."""
    extra = answers(outcome, scorer.card.classes)
    if outcome.task == MULTICLASS:
        extra |= {f"score__{name}": pa.array(outcome.score[:, i]) for i, name in enumerate(scorer.card.classes)}
    table = rows.content.drop_columns([name for name in (LABEL, WEIGHT, *extra) if name in rows.content.column_names])
    for name, column in extra.items():
        table = table.append_column(name, column)
    with duck.connection() as database:
        database.register("scored", table)
        duck.write(database, f"SELECT * FROM scored ORDER BY {duck.name(ROW)}", work.scored)
