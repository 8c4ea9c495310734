"""What a model said about rows beside what came true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
BINARY, MULTICLASS, REGRESSION = "binary-classification", "multiclass-classification", "regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Rows with what happened and what the model said.

    Classification: ``actual`` and ``decided`` are class codes [rows], ``score`` the probability of the second class
    [rows] (binary) or of every class [rows, classes]. Regression: all three are values [rows].
    """

    task: str
    classes: int
    actual: Array
    score: Array
    decided: Array

    def select(self, rows: Array) -> Outcome:
        """The rows that a mask or an index names."""
        return Outcome(
            task=self.task,
            classes=self.classes,
            actual=self.actual[rows],
            score=self.score[rows],
            decided=self.decided[rows],
        )
