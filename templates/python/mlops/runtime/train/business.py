# mypy: disable-error-code="import-untyped"
"""Business metrics: SQL aggregates over the rows, with what the model said and what came true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ..core import duck
from ..core.errors import StepError
from ..features.batch import RAW
from .outcome import MULTICLASS, REGRESSION, Outcome

GIVEN = ("score", "prediction", "actual")


class Rows:
    """The raw columns of one part of the split, beside which a model's answers are put."""

    def __init__(self, path: Path) -> None:
        with duck.connection() as database:
            content = database.sql(f"SELECT * FROM {duck.scan(path)}").to_arrow_table()
        self.content: pa.Table = content

    def answered(self, outcome: Outcome, classes: Sequence[Any]) -> pa.Table:
        """Raw columns under their own names, with ``score``, ``prediction`` and ``actual``."""
        raw = [name for name in self.content.column_names if name.startswith(RAW)]
        table = self.content.select(raw).rename_columns([name.removeprefix(RAW) for name in raw])
        table = table.drop_columns([name for name in GIVEN if name in table.column_names])
        for name, column in answers(outcome, classes).items():
            table = table.append_column(name, column)
        return table


def answers(outcome: Outcome, classes: Sequence[Any]) -> dict[str, pa.Array]:
    """Score, prediction and actual as columns, decisions in the label's own values."""
    if outcome.task == REGRESSION:
        return {
            "score": pa.array(outcome.score),
            "prediction": pa.array(outcome.score),
            "actual": pa.array(outcome.actual),
        }
    values = pa.array(list(classes))
    score = outcome.score
    if outcome.task == MULTICLASS:  # the probability of the class that was decided for
        score = np.take_along_axis(score, outcome.decided[:, None], axis=1)[:, 0]
    return {
        "score": pa.array(score),
        "prediction": values.take(pa.array(outcome.decided)),
        "actual": values.take(pa.array(outcome.actual)),
    }


def business_metric(name: str, sql: str, table: pa.Table) -> float | None:
    """The aggregate ``sql`` over ``table``; None when it has no value (no rows, say)."""
    with duck.connection() as database:
        database.register("answered", table)
        try:
            found = duck.value(database, f"SELECT CAST(({sql}) AS DOUBLE) FROM answered")
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise StepError(f"business metric '{name}' cannot be computed: {reason}", "correct its SQL") from error
    return None if found is None else float(str(found))
