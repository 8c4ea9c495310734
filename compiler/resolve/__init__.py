"""From a spec to a project: every name looked up, every type known, every expression typed, once."""

from __future__ import annotations

from ..model.data import Dataset
from ..model.models import Model
from ..model.monitors import Monitor
from ..model.resolved import Project, ResolvedFeatureSet, ResolvedModel, ResolvedMonitor
from ..model.spec import Spec
from ..model.values import Invalid, is_valid, valid_items
from ..source import YamlPath
from ..sql.analyse import analyse_query
from ..sql.tree import SqlProblem
from .columns import column_types
from .features import feature_set
from .meant import meant
from .models import resolved_model

__all__ = ["resolve"]


def resolve(spec: Spec) -> Project:
    """The project of ``spec``; what cannot be looked up is None or ``Invalid``, and the checks say why."""
    sets: dict[str, ResolvedFeatureSet | Invalid] = {}
    for name, declared in spec.features.items():
        dataset = meant(declared.source.name, spec.data) if is_valid(declared) else None
        known = is_valid(declared) and isinstance(dataset, Dataset)
        sets[name] = feature_set(declared, dataset) if known else Invalid(path=("features", name))  # type: ignore[arg-type]
    models: dict[str, ResolvedModel | Invalid] = {}
    for name, model in spec.models.items():
        models[name] = _model(spec, sets, model) if is_valid(model) else Invalid(path=("models", name))
    return Project(
        spec=spec,
        feature_sets=sets,
        models=models,
        monitors={
            name: _monitor(models, monitor) if is_valid(monitor) else Invalid(path=("monitors", name))
            for name, monitor in spec.monitors.items()
        },
        table_sql=tuple(_table_sql(spec)),
    )


def _model(spec: Spec, sets: dict[str, ResolvedFeatureSet | Invalid], model: Model) -> ResolvedModel:
    resolved, implicit = resolved_model(spec, sets, model)
    if implicit is not None:
        sets[implicit.name] = implicit
    return resolved


def _monitor(models: dict[str, ResolvedModel | Invalid], monitor: Monitor) -> ResolvedMonitor:
    model = meant(monitor.model.name, models)
    return ResolvedMonitor(spec=monitor, model=model if isinstance(model, ResolvedModel) else None)


def _table_sql(spec: Spec) -> list[tuple[YamlPath, tuple[SqlProblem, ...]]]:
    tables = {
        name: {} if any(not is_valid(column) for column in dataset.columns.values()) else column_types(dataset)
        for name, dataset in valid_items(spec.data)
    }
    tables |= {name: {} for name, dataset in spec.data.items() if not is_valid(dataset)}
    return [
        (check.violations.path, analyse_query(check.violations.text, tables))
        for _, dataset in valid_items(spec.data)
        for check in dataset.checks
        if is_valid(check) and check.violations is not None
    ]
