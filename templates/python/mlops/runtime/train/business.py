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
from .outcome import MULTICLASS, REGRESSION, Array, Outcome

GIVEN = ("score", "prediction", "actual")
"""The columns that a business metric finds beside the raw ones."""


class Rows:
    """The raw columns of one part of the split, beside which a model's answers are put."""

    def __init__(self, content: pa.Table) -> None:
        self.content = content
        self._database = duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        raw = [name for name in self.content.column_names if name.startswith(RAW)]
        table = self.content.select(raw).rename_columns([name.removeprefix(RAW) for name in raw])
        self._raw = table.drop_columns([name for name in GIVEN if name in table.column_names])

    @classmethod
    def read(cls, path: Path) -> Rows:
        """The rows of a Parquet file, in their order."""
        with duck.connection() as database:
            return cls(database.sql(f"SELECT * FROM {duck.scan(path)}").to_arrow_table())

    def select(self, mask: Array) -> Rows:
        """The rows for which ``mask`` is true."""
        return Rows(self.content.filter(pa.array(mask)))

    def business(self, name: str, sql: str, outcome: Outcome, classes: Sequence[Any]) -> float | None:
        """The aggregate ``sql`` over raw columns and GIVEN; None when it has no value, as with no rows."""
        table = self._raw
        for column, values in answers(outcome, classes).items():
            table = table.append_column(column, values)
        self._database.register("answered", table)
        try:
            found = duck.value(self._database, f"SELECT CAST(({sql}) AS DOUBLE) FROM answered")
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise StepError(f"business metric '{name}' cannot be computed: {reason}", "correct its SQL") from error
        return None if found is None else float(str(found))


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
