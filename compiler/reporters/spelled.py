"""The spec with every default filled in, as it could have been written."""

from __future__ import annotations

from typing import Any

from ..model.build.project import STACK_DEFAULTS
from ..model.data import Column, DataCheck, Dataset, Source, Target
from ..model.environments import Environment
from ..model.features import Feature, FeatureSet, Join, Online
from ..model.monitors import Monitor
from ..model.policy import Policy
from ..model.project import ProjectInfo, Stack
from ..model.resolved import Project
from ..model.values import is_valid, valid_items
from .spelled_models import model
from .spelled_values import duration, given, latency, leaf, name, names, schedule, share
from .yaml_text import Leaf, Tree

_OF_KIND = {
    "data-drift": ("columns", "method", "threshold"),
    "prediction-drift": ("method", "threshold"),
    "performance": ("metric", "min", "max", "labels"),
    "data-quality": ("columns", "max"),
    "service": ("latency_p99", "error_rate"),
}
"""The keys that only some kinds of monitors take."""


def spelled(project: Project) -> Tree:
    """The whole spec; what was inferred stands there like what was written."""
    spec = project.spec
    storage, images = spec.storage, spec.images
    return given(
        {
            "version": Leaf(value=1, default=True),
            "project": _project(spec.project),
            "stack": _stack(spec.stack),
            "secrets": leaf(names(spec.secrets), []),
            "variables": leaf(names(spec.variables), []),
            "storage": {"url": Leaf(value=storage.url)} if storage and storage.url else None,
            "images": {"registry": Leaf(value=images.registry)} if images and images.registry else None,
            "policy": _policy(spec.policy),
            "data": {key: _dataset(one) for key, one in valid_items(spec.data)},
            "features": {key: _feature_set(one) for key, one in valid_items(spec.features)},
            "models": {key: model(one) for key, one in valid_items(project.models)},
            "monitors": {key: _monitor(one) for key, one in valid_items(spec.monitors)},
            "environments": {key: _environment(one) for key, one in valid_items(spec.environments)},
        }
    )


def _project(info: ProjectInfo) -> Tree:
    return given(
        {
            "name": Leaf(value=info.name),
            "owner": leaf(info.owner),
            "description": leaf(info.description, ""),
            "python": leaf(info.python, "3.11"),
            "code": leaf(names(info.code), []),
            "requirements": leaf(list(info.requirements), []),
        }
    )


def _stack(stack: Stack) -> Tree:
    roles = {role: leaf(getattr(stack, role), word) for role, word in STACK_DEFAULTS.items()}
    return given({**roles, "alerts": leaf(names(stack.alerts), [])})


def _policy(policy: Policy) -> Tree:
    return given({"require_owner": leaf(policy.require_owner, default=False)})


def _dataset(dataset: Dataset) -> Tree:
    return given(
        {
            "description": leaf(dataset.description, ""),
            "source": _source(dataset.source) if is_valid(dataset.source) else None,
            "key": leaf(names(dataset.key), []),
            "time": name(dataset.time),
            "columns": {key: _column(one) for key, one in valid_items(dataset.columns)},
            "checks": [_check(one) for one in dataset.checks if is_valid(one)],
            "bad_rows": given({"show": leaf(names(dataset.shown_in_bad_rows), [])}),
        }
    )


def _source(source: Source) -> Tree:
    return given(
        {
            "kind": Leaf(value=source.kind),
            "path": leaf(source.location),
            "url": leaf(source.url),
            "query": leaf(source.query.text if source.query else None),
            "since": leaf(source.since),
            "cursor": name(source.cursor),
        }
    )


def _column(column: Column) -> Tree:
    return given(
        {
            "type": Leaf(value=column.type),
            "nullable": leaf(column.nullable, default=False),
            "unique": leaf(column.unique, default=False),
            "min": leaf(column.min),
            "max": leaf(column.max),
            "allowed": leaf(None if column.allowed is None else list(column.allowed)),
            "pattern": leaf(column.pattern),
            "min_length": leaf(column.min_length),
            "max_length": leaf(column.max_length),
            "min_distinct": leaf(column.min_distinct),
            "max_distinct": leaf(column.max_distinct),
            "references": _target(column.references),
            "warn": leaf(names(column.warn), []),
            "known_at": name(column.known_at),
            "available_after": duration(column.available_after),
            "pii": leaf(column.pii, default=False),
            "description": leaf(column.description, ""),
        }
    )


def _target(target: object) -> Tree | None:
    if not isinstance(target, Target):
        return None
    return given({"dataset": name(target.dataset), "column": name(target.column)})


def _check(check: DataCheck) -> Tree:
    return given(
        {
            "kind": Leaf(value=check.kind),
            "name": leaf(check.name),
            "severity": leaf(check.severity, "error"),
            "column": name(check.column),
            "min": leaf(check.min),
            "max": leaf(check.max),
            "max_change": leaf(check.max_change),
            "max_age": duration(check.max_age),
            "violations": leaf(check.violations.text if check.violations else None),
        }
    )


def _feature_set(features: FeatureSet) -> Tree:
    return given(
        {
            "description": leaf(features.description, ""),
            "from": name(features.source),
            "joins": {key: _join(one) for key, one in valid_items(features.joins)} or None,
            "columns": {key: _feature(one) for key, one in valid_items(features.columns)},
            "online": _online(features.online) if features.online and is_valid(features.online) else None,
        }
    )


def _join(join: Join) -> Tree:
    return given(
        {
            "description": leaf(join.description, ""),
            "dataset": leaf(join.dataset.name, join.name),
            "on": leaf({pair.ours.name: pair.theirs.name for pair in join.on}),
            "as_of": name(join.as_of),
            "lag": duration(join.lag, "0s"),
            "max_age": duration(join.max_age),
        }
    )


def _feature(feature: Feature) -> Tree:
    window = feature.aggregate is not None
    return given(
        {
            "sql": leaf(feature.sql.text if feature.sql else None),
            "aggregate": leaf(feature.aggregate.text if feature.aggregate else None),
            "by": leaf(names(feature.by), []) if window else None,
            "window": duration(feature.window),
            "lag": (duration(feature.lag, "0s") or Leaf(value="0s", default=True)) if window else None,
            "description": leaf(feature.description or None),
        }
    )


def _online(online: Online) -> Tree:
    return given(
        {
            "store": leaf(online.store, "sqlite"),
            "refresh": schedule(online.refresh),
            "max_staleness": duration(online.max_staleness),
            "missing": leaf(online.missing, "null"),
        }
    )


def _monitor(monitor: Monitor) -> Tree:
    own = {
        "columns": leaf("all" if monitor.columns is None else names(monitor.columns), "all"),
        "method": leaf(monitor.method, "psi"),
        "threshold": leaf(monitor.threshold, 0.2 if monitor.method == "psi" else 0.1),
        "metric": name(monitor.metric),
        "min": leaf(monitor.min),
        "max": leaf(monitor.max),
        "labels": name(monitor.labels),
        "latency_p99": latency(monitor.latency_p99),
        "error_rate": leaf(None if monitor.error_rate is None else share(monitor.error_rate)),
    }
    return given(
        {
            "model": name(monitor.model),
            "kind": Leaf(value=monitor.kind),
            "schedule": schedule(monitor.schedule),
            "window": duration(monitor.window, "1d"),
            **{key: own[key] for key in _OF_KIND[monitor.kind]},
            "min_rows": leaf(monitor.min_rows, 100),
            "breaches": leaf("{} of {}".format(*monitor.breaches), "1 of 1"),
            "cooldown": duration(monitor.cooldown),
            "on_breach": leaf(names(monitor.on_breach), []),
            "description": leaf(monitor.description, ""),
        }
    )


def _environment(environment: Environment) -> Tree:
    changes: dict[str, Any] = {}
    for path, value in environment.overrides:
        below = changes
        for part in path[:-1]:
            below = below.setdefault(str(part), {})
        below[str(path[-1])] = Leaf(value=value)
    return given(
        {
            "approval": leaf(environment.approval, "none"),
            "cluster": {"namespace": Leaf(value=environment.namespace)} if environment.namespace else None,
            "auth": leaf({cloud: dict(settings) for cloud, settings in environment.auth} or None),
            "prometheus": leaf(environment.prometheus),
            "runs_on": leaf(dict(environment.runs_on) or None),
            "set": changes or None,
        }
    )
