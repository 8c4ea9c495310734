"""From a spec to a project: every name looked up, every type known, every expression typed, once."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.data import Dataset
from ..model.monitors import Monitor
from ..model.resolved import Project, ResolvedFeatureSet, ResolvedModel, ResolvedMonitor
from ..model.spec import Spec
from ..model.values import Invalid, is_valid, valid_items
from ..source import YamlPath
from ..sql.analyse import analyse_query
from ..sql.tree import SqlProblem, Table
from .columns import column_types
from .features import feature_set
from .joins import joined_datasets, with_joined
from .meant import meant
from .models import resolved_model
from .names import snake

__all__ = ["resolve"]


def resolve(spec: Spec) -> Project:
    """The project of ``spec``; what cannot be looked up is None or ``Invalid``, and the checks say why."""
    tables = {name: column_types(dataset) for name, dataset in valid_items(spec.data)}
    sets: dict[str, ResolvedFeatureSet | Invalid] = {}
    for name, declared in spec.features.items():
        dataset = meant(declared.source.name, spec.data) if is_valid(declared) else None
        if is_valid(declared) and isinstance(dataset, Dataset):
            joined = joined_datasets(declared, spec.data)
            sets[name] = feature_set(declared, dataset, with_joined(tables[dataset.name], joined, tables), joined)
        else:
            sets[name] = Invalid(path=("features", name))
    models: dict[str, ResolvedModel | Invalid] = {}
    names = {*sets, *(snake(name) for name in sets)}
    for name, model in spec.models.items():
        if not is_valid(model):
            models[name] = Invalid(path=("models", name))
            continue
        models[name], implicit = resolved_model(spec, sets, tables, names, model)
        if implicit is not None:
            sets[implicit.name] = implicit
            names |= {implicit.name, implicit.module}
    return Project(
        spec=spec,
        feature_sets=sets,
        models=models,
        monitors={
            name: _monitor(models, monitor) if is_valid(monitor) else Invalid(path=("monitors", name))
            for name, monitor in spec.monitors.items()
        },
        table_sql=tuple(_table_sql(spec, tables)),
    )


def _monitor(models: dict[str, ResolvedModel | Invalid], monitor: Monitor) -> ResolvedMonitor:
    model = meant(monitor.model.name, models)
    return ResolvedMonitor(spec=monitor, model=model if isinstance(model, ResolvedModel) else None)


def _table_sql(spec: Spec, tables: Mapping[str, Table]) -> list[tuple[YamlPath, tuple[SqlProblem, ...]]]:
    unsure = {name: Table() for name, dataset in spec.data.items() if not is_valid(dataset) or not _whole(dataset)}
    known = {**tables, **unsure}
    return [
        (check.violations.path, analyse_query(check.violations.text, known))
        for _, dataset in valid_items(spec.data)
        for check in dataset.checks
        if is_valid(check) and check.violations is not None
    ]


def _whole(dataset: Dataset) -> bool:
    return all(is_valid(column) for column in dataset.columns.values())
