"""A model with every default filled in, as it could have been written."""

from __future__ import annotations

from dataclasses import replace

from ..model.models import (
    Api,
    Batch,
    Decision,
    Deploy,
    Edge,
    Evaluate,
    Gate,
    Label,
    PredictionLog,
    Rollout,
    SearchSpace,
    Split,
    Train,
    Tune,
)
from ..model.resolved import BINARY, PreparedFeature, ResolvedModel
from ..model.values import is_valid, valid_items
from ..resolve.preparing import prepared
from ..resolve.tasks import estimator_of
from .spelled_values import duration, given, latency, leaf, name, names, schedule, share, size
from .yaml_text import Leaf, Tree

_OF_SPLIT = {"time": (), "random": ("stratify", "seed"), "group": ("group", "seed")}
"""The keys that only some splits take."""

_TREATMENTS = ("encode", "impute", "scale")


def model(resolved: ResolvedModel) -> Tree:
    """One model; its dataset, task, split and metrics as they were inferred."""
    spec = resolved.spec
    dataset = None if spec.features or resolved.dataset is None else Leaf(value=resolved.dataset.name)
    retrain = spec.retrain if spec.retrain and is_valid(spec.retrain) else None
    tune = spec.tune if spec.tune and is_valid(spec.tune) else None
    return given(
        {
            "owner": leaf(spec.owner),
            "description": leaf(spec.description, ""),
            "task": leaf(resolved.task),
            "data": name(spec.data) or dataset,
            "features": leaf(names(spec.features), []),
            "predict_at": name(spec.predict_at),
            "label": _label(spec.label) if is_valid(spec.label) else None,
            "split": _split(spec.split, resolved.split_by) if is_valid(spec.split) else None,
            "preprocess": _preprocess(resolved),
            "train": _train(spec.train) if is_valid(spec.train) else None,
            "tune": _tune(tune) if tune else None,
            "decision": _decision(spec.decision, resolved.task) if is_valid(spec.decision) else None,
            "evaluate": _evaluate(spec.evaluate, resolved.metrics) if is_valid(spec.evaluate) else None,
            "gates": [_gate(one) for one in spec.gates if is_valid(one)],
            "retrain": given({"schedule": schedule(retrain.schedule), "max_per_week": leaf(retrain.max_per_week)})
            if retrain
            else None,
            "deploy": _deploy(spec.deploy),
        }
    )


def _label(label: Label) -> Tree:
    return given({"sql": Leaf(value=label.sql.text), "nulls": leaf(label.nulls, "drop")})


def _split(split: Split, by: str) -> Tree:
    own = {"stratify": leaf(split.stratify, default=False), "group": name(split.group), "seed": leaf(split.seed, 0)}
    shares = {"validation": leaf(share(split.validation), "15%"), "test": leaf(share(split.test), "15%")}
    return given({"by": Leaf(value=by), **shares, **{key: own[key] for key in _OF_SPLIT[by]}})


def _preprocess(resolved: ResolvedModel) -> Tree:
    """What is done to each feature: what the spec says, and what follows from its type and the estimator."""
    untold = replace(resolved.spec, preprocess={})
    chosen = estimator_of(untold)
    steps = {one.feature.name: _treatments(one, prepared(one.feature, untold, chosen)) for one in resolved.features}
    return {name: step for name, step in steps.items() if step}


def _treatments(told: PreparedFeature, untold: PreparedFeature) -> Tree:
    return given({step: _treatment(getattr(told, step), getattr(untold, step)) for step in _TREATMENTS})


def _treatment(done: str | None, usual: str | None) -> Leaf | None:
    """A treatment that the spec leaves out on purpose is ``none``; one that nobody thinks of is not there."""
    return leaf("none" if done is None and usual else done, usual)


def _train(train: Train) -> Tree:
    return given(
        {
            "estimator": name(train.estimator),
            "entrypoint": name(train.entrypoint),
            "params": leaf(train.params, {}),
            "seed": leaf(train.seed, 0),
            "rows": {"last": duration(train.rows_last)} if train.rows_last else None,
            "sample_weight": {"sql": Leaf(value=train.sample_weight.text)} if train.sample_weight else None,
        }
    )


def _tune(tune: Tune) -> Tree:
    return given(
        {
            "trials": leaf(tune.trials, 20),
            "metric": name(tune.metric),
            "space": {key: _space(one) for key, one in valid_items(tune.space)},
        }
    )


def _space(space: SearchSpace) -> Tree:
    if space.kind == "choice":
        return {"choice": Leaf(value=list(space.choices))}
    return {space.kind: Leaf(value=[space.low, space.high]), "log": Leaf(value=space.log, default=not space.log)}


def _decision(decision: Decision, task: str | None) -> Tree | None:
    if decision.maximize is None and decision.minimize is None:
        return {"threshold": leaf(decision.threshold, 0.5) or Leaf(value=0.5)} if task == BINARY else None
    goals = {"maximize": name(decision.maximize), "minimize": name(decision.minimize)}
    return {"threshold": given({**goals, "on": leaf(decision.on, "validation")})}


def _evaluate(evaluate: Evaluate, metrics: tuple[str, ...]) -> Tree:
    return given(
        {
            "metrics": Leaf(value=list(metrics)),
            "slices": leaf(names(evaluate.slices), []),
            "business": {
                key: given({"sql": Leaf(value=one.sql.text), "goal": leaf(one.goal, "maximize")})
                for key, one in valid_items(evaluate.business)
            },
        }
    )


def _gate(gate: Gate) -> Tree:
    if gate.kind == "latency_p95":
        return given({"latency_p95": latency(gate.max)})
    if gate.kind == "model_size":
        return given({"model_size": size(gate.max)})
    champion = gate.kind == "champion"
    return given(
        {
            "metric": name(gate.metric),
            "slice": name(gate.slice),
            "min": leaf(gate.min),
            "max": leaf(gate.max),
            "vs": Leaf(value="champion") if champion else None,
            "min_delta": leaf(gate.min_delta, 0) if champion else None,
            "without_champion": leaf(gate.without_champion, "pass") if champion else None,
            "min_rows": leaf(gate.min_rows, 0),
            "insufficient": leaf(gate.insufficient, "fail"),
        }
    )


def _deploy(deploy: Deploy) -> Tree:
    return given(
        {
            "api": _api(deploy.api) if deploy.api and is_valid(deploy.api) else None,
            "batch": _batch(deploy.batch) if deploy.batch and is_valid(deploy.batch) else None,
            "edge": _edge(deploy.edge) if deploy.edge and is_valid(deploy.edge) else None,
        }
    )


def _api(api: Api) -> Tree:
    return given(
        {
            "server": leaf(api.server, "fastapi"),
            "port": leaf(api.port, 8080),
            "replicas": leaf(api.replicas, 1),
            "log_predictions": _log(api.log_predictions),
            "rollout": _rollout(api.rollout),
        }
    )


def _batch(batch: Batch) -> Tree:
    return given(
        {
            "schedule": schedule(batch.schedule),
            "input": name(batch.input),
            "output": Leaf(value=batch.output),
            "log_predictions": _log(batch.log_predictions),
        }
    )


def _edge(edge: Edge) -> Tree:
    return given({"format": leaf(edge.format, "onnx"), "tolerance": leaf(edge.tolerance, 1e-6)})


def _log(log: PredictionLog | None) -> Leaf | Tree:
    if log is None:
        return Leaf(value=False)
    return given(
        {
            "sample": leaf(share(log.sample), "100%"),
            "redact": leaf(names(log.redact), []),
            "keep": leaf(names(log.keep), []),
            "retention": duration(log.retention),
        }
    )


def _rollout(rollout: Rollout) -> Tree:
    steps = [share(one) for one in rollout.steps]
    silent = rollout.strategy == "replace" and (steps or rollout.pause)  # written, it would not go with them
    return given(
        {
            "strategy": None if silent else leaf(rollout.strategy, "replace"),
            "steps": leaf(steps or None),
            "pause": duration(rollout.pause),
        }
    )
