"""Feature sets: which columns each feature reads, and of what type it is."""

from __future__ import annotations

from ..model.data import Column, Dataset
from ..model.features import Feature, FeatureSet, Join
from ..model.models import Label, Model, Split, Train
from ..model.resolved import ResolvedFeature, ResolvedFeatureSet
from ..model.values import valid_items
from ..sql.analyse import analyse, column
from ..sql.tree import Table, TypedExpr
from .columns import later_columns, moment_of
from .joins import Joined, columns_behind, resolved_joins, window_join
from .names import snake


def feature_set(declared: FeatureSet, dataset: Dataset, types: Table, joined: Joined = ()) -> ResolvedFeatureSet:
    """The features of ``declared`` over its dataset and what is ``joined``, whose columns have these ``types``."""
    module = snake(declared.name)
    features = [
        resolved_feature(feature, declared.name, module, dataset, types, joined=joined)
        for _, feature in valid_items(declared.columns)
    ]
    return ResolvedFeatureSet(
        name=declared.name,
        module=module,
        path=declared.path,
        dataset=dataset,
        spec=declared,
        features=tuple(features),
        joins=resolved_joins(joined, dataset, features),
    )


def implicit_set(
    name: str, dataset: Dataset, types: Table, model: Model, label: TypedExpr | None
) -> ResolvedFeatureSet:
    """Every column of the dataset that may be a feature: all but what is predicted, names rows, or comes later."""
    module, left_out = snake(name), _not_features(dataset, model, label)
    features = [
        resolved_feature(Feature(name=column.name, path=column.path), name, module, dataset, types)
        for column in _columns(dataset)
        if column.name not in left_out
    ]
    return ResolvedFeatureSet(
        name=name, module=module, path=(*model.path, "features"), dataset=dataset, spec=None, features=tuple(features)
    )


def _columns(dataset: Dataset) -> list[Column]:
    return [column for _, column in valid_items(dataset.columns)]


def _not_features(dataset: Dataset, model: Model, label: TypedExpr | None) -> set[str]:
    names = {reference.name for reference in dataset.key}
    names |= {reference.name for reference in (dataset.time, model.predict_at) if reference is not None}
    names |= {column.name for column in _columns(dataset) if column.unique or column.pii}
    names |= set(later_columns(dataset, model)) | set(label.columns if label else _words(model.label))
    if isinstance(model.split, Split) and model.split.group is not None:
        names.add(model.split.group.name)
    if isinstance(model.train, Train) and model.train.sample_weight is not None:
        names |= set(_words(model.train.sample_weight.text))
    return names


def _words(label: object) -> list[str]:
    """The names in an SQL text that could not be typed."""
    text = label.sql.text if isinstance(label, Label) else str(label)
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()


def resolved_feature(  # noqa: PLR0913  (all that a feature can see)
    feature: Feature, set_name: str, module: str, dataset: Dataset, types: Table, *, joined: Joined = ()
) -> ResolvedFeature:
    """One feature, typed."""
    kind, text = "column", None
    if feature.aggregate is not None:
        kind, text = "window", feature.aggregate.text
    elif feature.sql is not None:
        kind, text = "sql", feature.sql.text
    if text is not None:
        expression, problems = analyse(text, types, allow_aggregate=kind == "window")
    else:
        known = types.get(feature.name)
        expression, problems = column(feature.name, known) if known else None, ()
    read = expression.columns if expression else ()
    by = [reference.name for reference in feature.by] if kind == "window" else []
    looked_at = window_join(read, joined) if kind == "window" else None
    known_at: tuple[str, ...] = ()
    if kind == "window":
        known_at = _moments(looked_at[1] if looked_at else dataset, _own_names(read, looked_at))
    behind = columns_behind(read, joined, dataset)
    return ResolvedFeature(
        feature=feature,
        set_name=set_name,
        module=module,
        kind=kind,
        dtype=expression.dtype if expression else None,
        expression=expression,
        columns=tuple(dict.fromkeys((*read, *by, *(known_at if looked_at is None else ()), *behind))),
        problems=problems,
        known_at=known_at,
        join=looked_at[0].name if looked_at is not None else None,
    )


def _own_names(read: tuple[str, ...], looked_at: tuple[Join, Dataset] | None) -> tuple[str, ...]:
    """The columns that a window reads, as the dataset that it looks at calls them."""
    prefix = f"{looked_at[0].name}." if looked_at is not None else ""
    return tuple(name.removeprefix(prefix) for name in read)


def _moments(dataset: Dataset, read: tuple[str, ...]) -> tuple[str, ...]:
    """The columns with the moments from which the values of the columns ``read`` are known, the row's time aside."""
    columns = (dataset.columns.get(name) for name in read)
    found = (moment_of(dataset, column) for column in columns if isinstance(column, Column))
    return tuple(dict.fromkeys(moment for moment in found if moment is not None))
