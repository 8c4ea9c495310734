"""What a dataset's contract says of its columns: types, and the time from which each is known."""

from __future__ import annotations

from ..model.data import Column, Dataset
from ..model.models import Model
from ..model.values import is_valid, valid_items
from ..sql.tree import ColumnType, Table


def column_types(dataset: Dataset) -> Table:
    """The type of every column; an invalid one is known by its name alone."""
    return Table(
        {
            name: ColumnType(dtype=column.type, nullable=column.nullable)
            if is_valid(column)
            else ColumnType(dtype=None, nullable=True)
            for name, column in dataset.columns.items()
        }
    )


def moment_of(dataset: Dataset, column: Column) -> str | None:
    """The column that holds the moment from which ``column`` is known; None where that is the row's time.

    A column that says when others are known holds a moment itself, and is known from then on.
    """
    if column.known_at is not None:
        return column.known_at.name
    is_time = dataset.time is not None and column.name == dataset.time.name
    return column.name if column.name in dataset.moments and not is_time else None


def known_in_time(dataset: Dataset, column: Column, model: Model) -> bool:
    """Whether a model that predicts at ``predict_at`` (the row's time, where it says none) can know the column."""
    if column.available_after is not None and column.available_after.seconds > 0:
        return False
    moment = moment_of(dataset, column)
    return moment in (None, model.predict_at.name if model.predict_at is not None else None)


def later_columns(dataset: Dataset, model: Model) -> tuple[str, ...]:
    """The columns that are not yet known when the model predicts."""
    return tuple(name for name, column in valid_items(dataset.columns) if not known_in_time(dataset, column, model))
