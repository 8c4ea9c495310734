"""What a dataset's contract says of its columns: types, and the time from which each is known."""

from __future__ import annotations

from ..model.data import Column, Dataset
from ..model.models import Model
from ..model.values import is_valid, valid_items
from ..sql.tree import ColumnType


def column_types(dataset: Dataset) -> dict[str, ColumnType]:
    """The type of every column; an invalid one is known by its name alone."""
    return {
        name: ColumnType(dtype=column.type, nullable=column.nullable)
        if is_valid(column)
        else ColumnType(dtype=None, nullable=True)
        for name, column in dataset.columns.items()
    }


def known_in_time(column: Column, model: Model) -> bool:
    """Whether a model that predicts at ``predict_at`` (the row's time, where it says none) can know the column."""
    if column.available_after is not None and column.available_after.seconds > 0:
        return False
    if column.known_at is None:
        return True
    return model.predict_at is not None and model.predict_at.name == column.known_at.name


def later_columns(dataset: Dataset, model: Model) -> tuple[str, ...]:
    """The columns that are not yet known when the model predicts."""
    return tuple(name for name, column in valid_items(dataset.columns) if not known_in_time(column, model))
