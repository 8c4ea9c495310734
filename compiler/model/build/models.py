"""``models`` from plain data: what is learned and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..models import (
    Business,
    Decision,
    Evaluate,
    Gate,
    Label,
    Model,
    Preprocess,
    Retrain,
    SearchSpace,
    Split,
    Train,
    Tune,
)
from ..values import Invalid, Reference, Sql
from .deploy import deploy
from .reader import BrokenDefinitionError, Node, definition, definitions, optional
from .units import fraction, seconds, size

T = TypeVar("T")


def model(node: Node) -> Model:
    """One model; each of its parts may be invalid by itself."""
    return Model(
        name=str(node.path[-1]),
        path=node.path,
        owner=node.get("owner"),
        task=node.get("task"),
        data=node.reference("data"),
        features=node.references("features"),
        predict_at=node.reference("predict_at"),
        label=_written(node, "label", label),
        split=_defaulted(node, "split", split),
        preprocess=definitions(node, "preprocess", preprocess),
        train=_written(node, "train", train),
        tune=optional(node, "tune", tune),
        decision=_defaulted(node, "decision", decision),
        evaluate=_defaulted(node, "evaluate", evaluate),
        gates=tuple(definition(item, gate) for item in _gates(node)),
        retrain=optional(node, "retrain", retrain),
        deploy=deploy(node.child("deploy")),
        description=node.get("description", ""),
    )


def _written(node: Node, key: str, make: Callable[[Node], T]) -> T | Invalid:
    return definition(_raw(node, key), make)


def _defaulted(node: Node, key: str, make: Callable[[Node], T]) -> T | Invalid:
    """The part, all defaults where nobody wrote it."""
    return definition(_raw(node, key), make)


def _raw(node: Node, key: str) -> Node:
    data = node.data.get(key) if isinstance(node.data, dict) else None
    return Node(data=data, path=(*node.path, key), invalid=node.invalid)


def _gates(node: Node) -> list[Node]:
    data = node.child("gates").data
    items = data if isinstance(data, list) else []
    return [Node(data=item, path=(*node.path, "gates", i), invalid=node.invalid) for i, item in enumerate(items)]


def label(node: Node) -> Label:
    """What is predicted; a plain string is its SQL."""
    if isinstance(node.data, str):
        return Label(sql=Sql(text=node.data, path=node.path), path=node.path)
    return Label(sql=node.need_sql("sql"), path=node.path, nulls=node.get("nulls", "drop"))


def split(node: Node) -> Split:
    """How rows are divided."""
    return Split(
        path=node.path,
        by=node.get("by"),
        validation=fraction(node.get("validation", 0.15)),
        test=fraction(node.get("test", 0.15)),
        group=node.reference("group"),
        stratify=node.get("stratify", False),
        seed=node.get("seed", 0),
    )


def preprocess(node: Node) -> Preprocess:
    """What is done to one feature."""
    return Preprocess(
        column=Reference(name=str(node.path[-1]), path=node.path),
        path=node.path,
        encode=node.get("encode"),
        impute=node.get("impute"),
        scale=node.get("scale"),
    )


def train(node: Node) -> Train:
    """What is fitted: an estimator or a function of the user's."""
    estimator, entrypoint = node.reference("estimator"), node.reference("entrypoint")
    if estimator is None and entrypoint is None:
        raise BrokenDefinitionError
    return Train(
        path=node.path,
        estimator=estimator,
        entrypoint=entrypoint,
        params=dict(node.get("params", {})),
        seed=node.get("seed", 0),
        rows_last=node.child("rows").duration("last"),
        sample_weight=_sql_of(node.child("sample_weight")),
    )


def _sql_of(node: Node) -> Sql | None:
    if isinstance(node.data, str):
        return Sql(text=node.data, path=node.path)
    return node.sql("sql")


def tune(node: Node) -> Tune:
    """A search over parameters."""
    node.need("space")
    return Tune(
        path=node.path,
        trials=node.get("trials", 20),
        metric=node.need_reference("metric"),
        space=definitions(node, "space", search_space),
    )


def search_space(node: Node) -> SearchSpace:
    """The values of one parameter, by the one key that is there: ``int``, ``float`` or ``choice``."""
    for kind in ("int", "float"):
        if node.has(kind):
            bounds = [item.data for item in node.child(kind).elements()]
            if len(bounds) != 2:  # noqa: PLR2004  (one of them is invalid)
                raise BrokenDefinitionError
            low, high = bounds
            return SearchSpace(path=node.path, kind=kind, low=low, high=high, log=node.get("log", False))
    return SearchSpace(path=node.path, kind="choice", choices=tuple(node.need("choice")))


def decision(node: Node) -> Decision:
    """When a binary prediction is true."""
    threshold = node.child("threshold")
    if isinstance(threshold.data, dict):
        return Decision(
            path=node.path,
            threshold=None,
            maximize=threshold.reference("maximize"),
            minimize=threshold.reference("minimize"),
            on=threshold.get("on", "validation"),
        )
    return Decision(path=node.path, threshold=fraction(node.get("threshold", 0.5)))


def evaluate(node: Node) -> Evaluate:
    """What is measured."""
    return Evaluate(
        path=node.path,
        metrics=node.references("metrics"),
        slices=node.references("slices"),
        business=definitions(node, "business", business),
    )


def business(node: Node) -> Business:
    """A business metric; a plain string is its SQL."""
    name = str(node.path[-1])
    if isinstance(node.data, str):
        return Business(name=name, path=node.path, sql=Sql(text=node.data, path=node.path))
    return Business(name=name, path=node.path, sql=node.need_sql("sql"), goal=node.get("goal", "maximize"))


def gate(node: Node) -> Gate:
    """One gate, by the one key that is there: ``metric``, ``latency_p95`` or ``model_size``."""
    if node.has("latency_p95"):
        return Gate(path=node.path, kind="latency_p95", max=seconds(node.need("latency_p95")))
    if node.has("model_size"):
        return Gate(path=node.path, kind="model_size", max=size(node.need("model_size")))
    return Gate(
        path=node.path,
        kind="champion" if node.get("vs") else "metric",
        metric=node.need_reference("metric"),
        slice=node.reference("slice"),
        min=node.get("min"),
        max=node.get("max"),
        min_delta=node.get("min_delta", 0.0),
        without_champion=node.get("without_champion", "pass"),
        min_rows=node.get("min_rows", 0),
        insufficient=node.get("insufficient", "fail"),
    )


def retrain(node: Node) -> Retrain:
    """What starts training."""
    return Retrain(path=node.path, schedule=node.schedule("schedule"), max_per_week=node.get("max_per_week"))
