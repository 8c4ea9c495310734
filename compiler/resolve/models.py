"""Models: their dataset, features, task and request."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from ..model.data import Dataset
from ..model.models import Evaluate, Label, Model, Split, Train
from ..model.resolved import (
    BINARY,
    REGRESSION,
    PreparedFeature,
    RequestField,
    ResolvedFeatureSet,
    ResolvedModel,
)
from ..model.spec import Spec
from ..model.values import Invalid, valid_items
from ..source import YamlPath
from ..sql.analyse import analyse
from ..sql.tree import ColumnType, SqlProblem, Table, TypedExpr
from .features import implicit_set
from .meant import meant
from .names import free, snake
from .preparing import prepared
from .tasks import estimator_of, metrics_of, task_of

Typed = tuple[YamlPath, TypedExpr | None, tuple[SqlProblem, ...]]


def resolved_model(
    spec: Spec,
    sets: Mapping[str, ResolvedFeatureSet | Invalid],
    tables: Mapping[str, Table],
    names: AbstractSet[str],
    model: Model,
) -> tuple[ResolvedModel, ResolvedFeatureSet | None]:
    """The model, and the feature set that it implies where it names none; ``names`` are taken by others."""
    dataset = dataset_of(spec, sets, model)
    types = tables[dataset.name] if dataset is not None else Table()
    label, problems = _label(model, types) if dataset is not None else (None, ())
    implicit = None
    if dataset is not None and not model.features:
        implicit = implicit_set(free(f"{model.name}-features", names), dataset, types, model, label)
    used = [implicit] if implicit else _named_sets(sets, model)
    estimator = estimator_of(model)
    features = tuple(prepared(feature, model, estimator) for found in used for feature in found.features)
    task = task_of(model, dataset, label)
    return ResolvedModel(
        spec=model,
        module=snake(model.name),
        dataset=dataset,
        task=task,
        features=features,
        label=label,
        label_problems=problems,
        split_by=_split_by(model, dataset),
        metrics=metrics_of(model, task),
        request=_request(dataset, features) if dataset is not None else (),
        other_sql=tuple(_other_sql(model, types, task, label)) if dataset is not None else (),
        joins=tuple(join for found in used for join in found.joins if join.columns),
    ), implicit


def dataset_of(spec: Spec, sets: Mapping[str, ResolvedFeatureSet | Invalid], model: Model) -> Dataset | None:
    """The dataset that the model learns from: its features', the one it names, or the only one there is."""
    for found in _named_sets(sets, model):
        return found.dataset
    if model.features:
        return None
    if model.data is not None:
        named = meant(model.data.name, spec.data)
        return named if isinstance(named, Dataset) else None
    only = next(iter(spec.data.values())) if len(spec.data) == 1 else None
    return only if isinstance(only, Dataset) else None


def _named_sets(sets: Mapping[str, ResolvedFeatureSet | Invalid], model: Model) -> list[ResolvedFeatureSet]:
    named = (meant(reference.name, sets) for reference in model.features)
    return [found for found in named if isinstance(found, ResolvedFeatureSet)]


def _label(model: Model, types: Table) -> tuple[TypedExpr | None, tuple[SqlProblem, ...]]:
    return analyse(model.label.sql.text, types) if isinstance(model.label, Label) else (None, ())


def _split_by(model: Model, dataset: Dataset | None) -> str:
    if isinstance(model.split, Split) and model.split.by is not None:
        return model.split.by
    if isinstance(model.split, Split) and model.split.group is not None:
        return "group"
    return "time" if dataset is not None and dataset.time is not None else "random"


def _request(dataset: Dataset, features: tuple[PreparedFeature, ...]) -> tuple[RequestField, ...]:
    """The key, the time where a feature needs it, and every raw column that is read for one request."""
    read: set[str] = set()
    for feature in (item.feature for item in features):
        windowed = feature.kind == "window" and feature.join is None
        read |= {reference.name for reference in feature.feature.by} if windowed else set(feature.columns)
        if windowed and dataset.time is not None:
            read.add(dataset.time.name)
    roles = {name: "feature" for name in dataset.columns if name in read}
    if dataset.time is not None and dataset.time.name in roles:
        roles = {dataset.time.name: "time"} | roles | {dataset.time.name: "time"}
    keys = {reference.name: "key" for reference in dataset.key}
    columns = dict(valid_items(dataset.columns))
    return tuple(
        RequestField(
            name=name,
            dtype=columns[name].type,
            nullable=columns[name].nullable and role == "feature",
            role=role,
        )
        for name, role in (keys | {name: role for name, role in roles.items() if name not in keys}).items()
        if name in columns
    )


def _other_sql(model: Model, types: Table, task: str | None, label: TypedExpr | None) -> list[Typed]:
    """The sample weight over the raw columns, and business metrics over the scored rows."""
    found: list[Typed] = []
    if isinstance(model.train, Train) and model.train.sample_weight is not None:
        text = model.train.sample_weight
        found.append((text.path, *analyse(text.text, types)))
    if isinstance(model.evaluate, Evaluate):
        scored = {**types, **scored_columns(task, label)}
        for _, metric in valid_items(model.evaluate.business):
            found.append((metric.sql.path, *analyse(metric.sql.text, scored, allow_aggregate=True)))
    return found


def scored_columns(task: str | None, label: TypedExpr | None) -> dict[str, ColumnType]:
    """What a business metric sees besides the raw columns: what was said, and what happened."""
    said = {BINARY: "boolean", REGRESSION: "float"}.get(task or "", label.dtype if label else None)
    return {
        "prediction": ColumnType(dtype=said),
        "actual": ColumnType(dtype=said),
        "score": ColumnType(dtype="float"),
    }
