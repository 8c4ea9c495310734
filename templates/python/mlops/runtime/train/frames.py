"""The parts of the split as NumPy columns, without pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import duck
from ..core.config import ModelConfig
from ..core.errors import StepError
from ..core.files import missing
from ..core.paths import Work
from ..features.batch import LABEL, ROW, WEIGHT
from .encode import Floats
from .outcome import REGRESSION

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows with their features by name (masked where null), their labels and their weights, if any."""

    columns: dict[str, Array]
    label: Array
    row: Array
    weight: Floats | None

    def __len__(self) -> int:
        return len(self.label)


def read_part(config: ModelConfig, work: Work, name: str) -> Part:
    """The rows of one part of the split."""
    path = work.rows(name)
    if not path.exists():
        raise missing(path, "split")
    weighted = [WEIGHT] if config.train.sample_weight else []
    columns = read_columns(path, [*(feature.name for feature in config.features), LABEL, ROW, *weighted])
    label, row = columns.pop(LABEL), columns.pop(ROW)
    weight = np.ma.filled(columns.pop(WEIGHT), 0.0) if weighted else None
    return Part(columns=columns, label=label, row=row, weight=weight)


def read_columns(path: Path, names: Sequence[str]) -> dict[str, Array]:
    """Columns of a Parquet file by name, in the order of its rows."""
    selected = ", ".join(duck.name(name) for name in dict.fromkeys(names))
    with duck.connection() as database:
        return dict(database.execute(f"SELECT {selected} FROM {duck.scan(path)}").fetchnumpy())


def classes_of(config: ModelConfig, part: Part) -> tuple[Any, ...]:
    """The values of the label in the training rows, sorted: the place of a class is its code."""
    if config.task == REGRESSION:
        return ()
    classes = tuple(sorted(set(part.label.tolist())))
    needed = 2
    if len(classes) < needed or (config.task == "binary-classification" and len(classes) > needed):
        raise StepError(
            f"the label of a {config.task} has {len(classes)} values in the training rows: "
            f"{', '.join(map(str, classes[:10]))}",
            f"it needs {'exactly' if config.task.startswith('binary') else 'at least'} two; change 'task' or 'label'",
        )
    return classes


def target(config: ModelConfig, part: Part, classes: Sequence[Any]) -> Array:
    """The labels as the estimator sees them: class codes, or values."""
    if config.task == REGRESSION:
        return np.asarray(part.label, dtype=np.float64)
    codes = {value: code for code, value in enumerate(classes)}
    unknown = sorted({str(value) for value in part.label.tolist() if value not in codes})
    if unknown:
        raise StepError(
            f"no training row has the label {', '.join(unknown[:5])}", "split with 'stratify: true', or get more rows"
        )
    return np.array([codes[value] for value in part.label.tolist()], dtype=np.int64)
