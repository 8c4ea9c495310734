"""Joins: which datasets a feature set looks at besides its own, and what their columns are called there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..model.data import Dataset
from ..model.features import FeatureSet, Join
from ..model.resolved import ResolvedFeature, ResolvedJoin
from ..model.values import valid_items
from ..sql.tree import ColumnType, Table
from .columns import moment_of
from .meant import meant

Joined = tuple[tuple[Join, Dataset], ...]


def joined_datasets(declared: FeatureSet, data: Mapping[str, object]) -> Joined:
    """The joins of the set whose datasets are known."""
    pairs = ((join, meant(join.dataset.name, data)) for _, join in valid_items(declared.joins))
    return tuple((join, dataset) for join, dataset in pairs if isinstance(dataset, Dataset))


def qualified(join: Join, column: str) -> str:
    """What a joined column is called in SQL, in the rows and in the store."""
    return f"{join.name}.{column}"


def with_joined(types: Table, joined: Joined, tables: Mapping[str, Table]) -> Table:
    """The columns that the expressions of a set may name; a joined row may be missing, so all of its may be null."""
    if not joined:
        return types
    found = dict(types)
    for join, dataset in joined:
        for name, column in tables[dataset.name].items():
            found.setdefault(qualified(join, name), ColumnType(dtype=column.dtype, nullable=True))
    return Table(found)


def resolved_joins(joined: Joined, own: Dataset, features: Iterable[ResolvedFeature]) -> tuple[ResolvedJoin, ...]:
    """Each join with the columns that the features read of it."""
    read = {name for feature in features for name in feature.columns}
    return tuple(_resolved(join, dataset, own, read) for join, dataset in joined)


def _resolved(join: Join, dataset: Dataset, own: Dataset, read: set[str]) -> ResolvedJoin:
    columns = [(name, column) for name, column in valid_items(dataset.columns) if qualified(join, name) in read]
    known = ((name, moment_of(dataset, column)) for name, column in columns)
    return ResolvedJoin(
        spec=join,
        dataset=dataset,
        as_of=moment_of_row(join, own) if dataset.time is not None else None,
        columns=tuple(name for name, _ in columns),
        known_at=tuple((name, moment) for name, moment in known if moment is not None),
    )


def moment_of_row(join: Join, own: Dataset) -> str | None:
    """The column of the rows that says as of when the newest joined row is taken."""
    if join.as_of is not None:
        return join.as_of.name
    return own.time.name if own.time is not None else None


def columns_behind(read: Iterable[str], joined: Joined, own: Dataset) -> tuple[str, ...]:
    """The columns of the rows by which the joined ones among ``read`` are found."""
    names = set(read)
    found: list[str] = []
    for join, dataset in joined:
        if not any(qualified(join, name) in names for name in dataset.columns):
            continue
        found += [pair.ours.name for pair in join.on]
        moment = moment_of_row(join, own) if dataset.time is not None else None
        found += [moment] if moment is not None else []
    return tuple(dict.fromkeys(found))


def window_join(read: Iterable[str], joined: Joined) -> tuple[Join, Dataset] | None:
    """The join whose dataset a window looks at: the first of which it reads a column."""
    names = set(read)
    found = (pair for pair in joined if any(qualified(pair[0], name) in names for name in pair[1].columns))
    return next(found, None)
