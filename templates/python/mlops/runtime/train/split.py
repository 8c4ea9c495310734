"""Step ``split``: which rows teach, which choose and which judge; the same row always lands on the same side."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb

from ..core import duck
from ..core.config import ModelConfig
from ..core.errors import StepError
from ..core.files import missing, write_json
from ..core.paths import Work
from ..features.batch import LABEL, RAW, ROW
from .outcome import REGRESSION

PARTS = ("train", "validation", "test")


def split(config: ModelConfig, work: Work) -> str:
    """Divide the rows that have a label; StepError when a part would be empty."""
    if not work.features.exists():
        raise missing(work.features, "features")
    with duck.connection() as database:
        report = _assign(database, config, work)
        for part in PARTS:
            query = (
                f"SELECT * EXCLUDE (__part) FROM divided WHERE __part = {duck.literal(part)} ORDER BY {_order(config)}"
            )
            report[part] = duck.write(database, query, work.rows(part))
        report["labels"] = _labels(database) if config.task != REGRESSION else None
    _require_rows(config, report)
    write_json(work.split_report, report)
    parts = ", ".join(f"{report[part]:,} {part}" for part in PARTS)
    return f"{parts} (by {config.split.by})"


def _assign(database: duckdb.DuckDBPyConnection, config: ModelConfig, work: Work) -> dict[str, Any]:
    """Make the table ``divided``, with ``__part``; what was decided on the way comes back."""
    total = duck.count(database, duck.scan(work.features))
    label = duck.name(LABEL)
    database.execute(
        f"CREATE TEMP TABLE labelled AS SELECT * FROM {duck.scan(work.features)} WHERE {label} IS NOT NULL"
    )
    rows = duck.count(database, "labelled")
    report: dict[str, Any] = {
        "by": config.split.by,
        "rows": rows,
        "dropped_null_labels": total - rows,
        "boundaries": {},
    }
    if rows == 0:
        raise StepError("no row has a label", f"check the label ({config.label.sql}) and the data")
    if config.split.by == "time":
        place, report["boundaries"] = _by_time(database, config, rows)
    else:
        place = _by_hash(config)
    database.execute(f"CREATE TEMP TABLE divided AS SELECT *, {place} AS __part FROM labelled")
    report["train_since"] = _keep_newest(database, config)
    return report


def _by_time(database: duckdb.DuckDBPyConnection, config: ModelConfig, rows: int) -> tuple[str, dict[str, str]]:
    """Older rows teach, newer rows judge; rows of the same moment stay together."""
    time = duck.name(_time(config))
    without = duck.count(database, f"labelled WHERE {time} IS NULL")
    if without:
        raise StepError(f"{without:,} rows have no {_time(config)}", "a split by time needs one in every row")
    boundaries = {}
    for part, share in (("validation", config.split.validation + config.split.test), ("test", config.split.test)):
        place = min(round(rows * (1 - share)), rows - 1)
        boundaries[part] = duck.value(database, f"SELECT {time} FROM labelled ORDER BY {time} LIMIT 1 OFFSET {place}")
    validation, test = (_moment(boundaries[part]) for part in ("validation", "test"))
    case = f"CASE WHEN {time} >= {test} THEN 'test' WHEN {time} >= {validation} THEN 'validation' ELSE 'train' END"
    return case, {f"{part}_from": _iso(value) for part, value in boundaries.items()}


def _by_hash(config: ModelConfig) -> str:
    """A hash of the key (or of the group) places a row between 0 and 1, whatever other rows there are."""
    who = duck.name(RAW + str(config.split.group)) if config.split.by == "group" else duck.name(ROW)
    place = f"md5_number_lower(concat('{config.split.seed}:', {who})) / 18446744073709551616.0"
    if config.split.stratify:  # the same share of every class: the rank of the hash among the rows of the class
        label = duck.name(LABEL)
        rank = f"row_number() OVER (PARTITION BY {label} ORDER BY {place}, {duck.name(ROW)}) - 1"
        place = f"({rank}) / CAST(count(*) OVER (PARTITION BY {label}) AS DOUBLE)"
    validation, test = 1 - config.split.validation - config.split.test, 1 - config.split.test
    return f"CASE WHEN {place} >= {test} THEN 'test' WHEN {place} >= {validation} THEN 'validation' ELSE 'train' END"


def _keep_newest(database: duckdb.DuckDBPyConnection, config: ModelConfig) -> str | None:
    """Leave only the newest span of the training rows, when the spec asks for it."""
    if config.train.last_seconds is None:
        return None
    time = f"CAST({duck.name(_time(config))} AS TIMESTAMP)"
    newest = duck.value(
        database, f"SELECT max({time}) - to_seconds({config.train.last_seconds}) FROM divided WHERE __part = 'train'"
    )
    database.execute(f"DELETE FROM divided WHERE __part = 'train' AND {time} <= {_moment(newest)}")
    return _iso(newest)


def _order(config: ModelConfig) -> str:
    time = config.datasets[config.dataset].time
    return f"{duck.name(time)}, {duck.name(ROW)}" if time else duck.name(ROW)


def _time(config: ModelConfig) -> str:
    time = config.datasets[config.dataset].time
    if time is None:
        raise StepError(f"dataset '{config.dataset}' has no time", "name its 'time', or split by 'random'")
    return time


def _labels(database: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    label = duck.name(LABEL)
    counted = database.execute(
        f"SELECT __part, CAST({label} AS VARCHAR), count(*) FROM divided GROUP BY ALL ORDER BY ALL"
    )
    labels: dict[str, dict[str, int]] = {part: {} for part in PARTS}
    for part, value, rows in counted.fetchall():
        labels[part][value] = rows
    return labels


def _require_rows(config: ModelConfig, report: dict[str, Any]) -> None:
    wanted = {"train": 1.0, "validation": config.split.validation, "test": config.split.test}
    for part, share in wanted.items():
        if share and not report[part]:
            raise StepError(
                f"no row is left for '{part}' ({report['rows']:,} rows with a label, split by {config.split.by})",
                "get more rows, or change the shares of 'split'",
            )


def _moment(value: object) -> str:
    return f"TIMESTAMP {duck.literal(_iso(value))}"


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
