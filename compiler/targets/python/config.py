"""``config.json`` of a model: exactly what ``runtime/core/config.py`` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...artifact import Json
from ...model.data import Column, DataCheck, Dataset, Source, Target
from ...model.features import Online
from ...model.models import (
    Api,
    Batch,
    Business,
    Decision,
    Evaluate,
    Label,
    PredictionLog,
    SearchSpace,
    Split,
    Train,
    Tune,
)
from ...model.resolved import PreparedFeature, Project, ResolvedModel, trained_on
from ...model.values import is_valid, valid_items
from ...planning.plan import Plan, Step
from .goals import goal_of

VERSION = 1


def model_configs(project: Project, plan: Plan) -> Iterator[tuple[ResolvedModel, Json]]:
    """Each model, by name, with everything that its steps need to know."""
    contracts = {name: _dataset(dataset) for name, dataset in valid_items(project.spec.data)}
    for name, model in sorted(valid_items(project.models)):
        yield model, _config(project, model, contracts, plan.steps_of(name))


def _config(
    project: Project, model: ResolvedModel, contracts: Mapping[str, dict[str, Json]], steps: Iterable[Step]
) -> Json:
    spec = model.spec
    dataset = _known(model.dataset)
    quality = project.spec.stack.data_quality
    return _some(
        api=_api(spec.deploy.api, model),
        batch=_batch(spec.deploy.batch, model),
        online=_online(project, model),
        data_quality=quality if quality != "pandera" else None,
    ) | {
        "version": VERSION,
        "project": project.spec.project.name,
        "model": model.name,
        "owner": spec.owner or project.spec.project.owner,
        "task": _known(model.task),
        "dataset": dataset.name,
        "datasets": _datasets(project, model, contracts),
        "predict_at": spec.predict_at.name if spec.predict_at else None,
        "features": [_feature(prepared) for prepared in model.features],
        "label": _label(model),
        "request": [_request_field(model, dataset, index) for index in range(len(model.request))],
        "split": _split(model),
        "train": _train(model),
        "tune": _tune(model),
        "decision": _decision(model),
        "evaluate": _evaluate(model),
        "gates": [_gate(model, gate) for gate in spec.gates if is_valid(gate)],
        "tracking": project.spec.stack.tracking,
        "registry": project.spec.stack.registry,
        "steps": [_step(step) for step in steps],
    }


def _datasets(project: Project, model: ResolvedModel, contracts: Mapping[str, dict[str, Json]]) -> Json:
    """What training reads, and what is scored or joined as labels only once the model runs."""
    monitors = project.monitors_by_model.get(model.name, ())
    later = {monitor.spec.labels.name for monitor in monitors if monitor.spec.labels}
    if isinstance(model.spec.deploy.batch, Batch):
        later.add(model.spec.deploy.batch.input.name)
    trained = [dataset.name for dataset in trained_on(project, model)]
    return {name: contracts[name] for name in trained} | {
        name: {**contracts[name], "trains": False} for name in sorted(later.difference(trained))
    }


def _dataset(dataset: Dataset) -> dict[str, Json]:
    shown = [reference.name for reference in dataset.shown_in_bad_rows]
    return _some(shown_in_bad_rows=shown or None) | {
        "source": _source(dataset, _known(dataset.source)),
        "key": [reference.name for reference in dataset.key],
        "time": dataset.time.name if dataset.time else None,
        "columns": {name: _column(column) for name, column in valid_items(dataset.columns)},
        "checks": [_check(check) for check in dataset.checks if is_valid(check)],
    }


def _source(dataset: Dataset, source: Source) -> Json:
    query = source.query.text if source.query else None
    cursor = (source.cursor or dataset.time) if source.since else None
    return _some(
        kind=source.kind,
        path=source.location,
        url=source.url,
        query=query,
        since=source.since,
        cursor=cursor.name if cursor else None,
    )


def _column(column: Column) -> Json:
    return _some(
        type=column.type,
        nullable=column.nullable or None,
        unique=column.unique or None,
        min=column.min,
        max=column.max,
        allowed=list(column.allowed) if column.allowed is not None else None,
        pattern=column.pattern,
        min_length=column.min_length,
        max_length=column.max_length,
        min_distinct=column.min_distinct,
        max_distinct=column.max_distinct,
        references=_target(column.references),
        warn=[rule.name for rule in column.warn] or None,
        known_at=column.known_at.name if column.known_at else None,
        available_after_seconds=column.available_after.seconds if column.available_after else None,
        pii=column.pii or None,
    )


def _target(target: object) -> Json:
    return {"dataset": target.dataset.name, "column": target.column.name} if isinstance(target, Target) else None


def _check(check: DataCheck) -> Json:
    return _some(
        kind=check.kind,
        severity=check.severity,
        name=check.name,
        column=check.column.name if check.column else None,
        min=check.min,
        max=check.max,
        max_change=check.max_change,
        max_age_seconds=check.max_age.seconds if check.max_age else None,
        violations=check.violations.text if check.violations else None,
    )


def _feature(prepared: PreparedFeature) -> Json:
    feature = prepared.feature
    return _some(encode=prepared.encode, impute=prepared.impute, scale=prepared.scale) | {
        "name": feature.name,
        "module": feature.module,
        "kind": feature.kind,
        "dtype": _known(feature.dtype),
        "role": prepared.role,
        "columns": list(feature.columns),
    }


def _label(model: ResolvedModel) -> Json:
    label: Label = _known(model.spec.label)
    typed = _known(model.label)
    return {
        "sql": label.sql.text,
        "dtype": _known(typed.dtype),
        "columns": list(typed.columns),
        "nulls": label.nulls,
    }


def _request_field(model: ResolvedModel, dataset: Dataset, index: int) -> Json:
    field = model.request[index]
    column = dataset.columns.get(field.name)
    allowed = list(column.allowed) if isinstance(column, Column) and column.allowed is not None else None
    return _some(allowed=allowed) | {
        "name": field.name,
        "type": field.dtype,
        "nullable": field.nullable,
        "role": field.role,
    }


def _split(model: ResolvedModel) -> Json:
    split: Split = _known(model.spec.split)
    group = split.group if model.split_by == "group" else None
    return _some(group=group.name if group else None) | {
        "by": model.split_by,
        "validation": split.validation,
        "test": split.test,
        "stratify": split.stratify and model.split_by == "random",
        "seed": 0 if model.split_by == "time" else split.seed,  # nothing else of it is random
    }


def _train(model: ResolvedModel) -> Json:
    train: Train = _known(model.spec.train)
    return _some(
        last_seconds=train.rows_last.seconds if train.rows_last else None,
        sample_weight=train.sample_weight.text if train.sample_weight else None,
    ) | {
        "estimator": train.estimator.name if train.estimator else None,
        "entrypoint": train.entrypoint.name if train.entrypoint else None,
        "params": dict(train.params),
        "seed": train.seed,
    }


def _tune(model: ResolvedModel) -> Json:
    tune = model.spec.tune
    if not isinstance(tune, Tune):
        return None
    return {
        "trials": tune.trials,
        "metric": tune.metric.name,
        "goal": goal_of(tune.metric.name, model),
        "space": {name: _space(space) for name, space in valid_items(tune.space)},
    }


def _space(space: SearchSpace) -> Json:
    choices = list(space.choices) or None
    return _some(kind=space.kind, low=space.low, high=space.high, log=space.log or None, choices=choices)


def _decision(model: ResolvedModel) -> Json:
    decision: Decision = _known(model.spec.decision)
    chosen = decision.maximize or decision.minimize
    if chosen is None:
        return {"threshold": decision.threshold}
    return {"threshold": None, "metric": chosen.name, "goal": "maximize" if decision.maximize else "minimize"}


def _evaluate(model: ResolvedModel) -> Json:
    evaluate: Evaluate = _known(model.spec.evaluate)
    return {
        "metrics": list(model.metrics),
        "slices": [reference.name for reference in evaluate.slices],
        "business": {name: _business(metric) for name, metric in valid_items(evaluate.business)},
    }


def _business(metric: Business) -> Json:
    return {"sql": metric.sql.text, "goal": metric.goal}


def _gate(model: ResolvedModel, gate: Any) -> Json:
    found = _some(
        kind=gate.kind,
        metric=gate.metric.name if gate.metric else None,
        goal=goal_of(gate.metric.name, model) if gate.metric else None,
        min=gate.min,
        max=gate.max,
        slice=gate.slice.name if gate.slice else None,
        insufficient=gate.insufficient,
    )
    if gate.min_rows:
        found["min_rows"] = gate.min_rows
    if gate.kind == "champion":
        found |= {"min_delta": gate.min_delta, "without_champion": gate.without_champion}
    return found


def _api(api: object, model: ResolvedModel) -> Json:
    if not isinstance(api, Api):
        return None
    return _some(log=_log(api.log_predictions, model)) | {"port": api.port, "server": api.server}


def _batch(batch: object, model: ResolvedModel) -> Json:
    if not isinstance(batch, Batch):
        return None
    return _some(log=_log(batch.log_predictions, model)) | {"input": batch.input.name, "output": batch.output}


def _log(log: PredictionLog | None, model: ResolvedModel) -> Json:
    """The settings of a log; personal columns are redacted unless they are kept by name."""
    if log is None:
        return None
    columns = dict(valid_items(_known(model.dataset).columns))
    kept = {reference.name for reference in log.keep}
    personal = [f.name for f in model.request if f.name in columns and columns[f.name].pii and f.name not in kept]
    return _some(retention_seconds=log.retention.seconds if log.retention else None) | {
        "sample": log.sample,
        "redact": list(dict.fromkeys([*(reference.name for reference in log.redact), *personal])),
    }


def _online(project: Project, model: ResolvedModel) -> Json:
    """How the window features and the joined columns of each module that the model uses reach a request."""
    used = {prepared.feature.module for prepared in model.features}
    windowed = {prepared.feature.module for prepared in model.features if prepared.feature.kind == "window"}
    sets = [project.sets_by_module[module] for module in used]
    sets = [found for found in sets if found.module in windowed or any(join.columns for join in found.joins)]
    engine = project.spec.stack.feature_store
    return {found.module: _store(found.spec.online if found.spec else None, engine) for found in sets} or None


def _store(online: object, engine: str) -> Json:
    found = _some(engine=engine if engine != "builtin" else None)
    if not isinstance(online, Online):
        return found | {"store": "sqlite", "missing": "null"}
    staleness = online.max_staleness.seconds if online.max_staleness else None
    return found | _some(max_staleness_seconds=staleness) | {"store": online.store, "missing": online.missing}


def _step(step: Step) -> Json:
    return {
        "id": step.id,
        "name": step.name,
        "inputs": list(step.inputs),
        "outputs": list(step.outputs),
        "needs": list(step.needs),
        "code": step.code,
        "config": step.config,
        "env": step.env,
        "weight": step.weight,
    }


def _some(**values: Json) -> dict[str, Json]:
    """The values that are there: what is None is the reader's default."""
    return {key: value for key, value in values.items() if value is not None}


def _known(value: Any) -> Any:
    """A value that the checks have found to be there; planning starts only when they found no error."""
    if value is None or not is_valid(value):
        raise AssertionError(f"the checks let an invalid definition through: {value}")
    return value
