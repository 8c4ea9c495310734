"""``deploy`` of a model from plain data: where it goes."""

from __future__ import annotations

from ..models import Api, Batch, Deploy, Edge, PredictionLog, Rollout
from .reader import Node, optional
from .units import fraction


def deploy(node: Node) -> Deploy:
    """Where a model goes."""
    return Deploy(
        path=node.path,
        api=optional(node, "api", api),
        batch=optional(node, "batch", batch),
        edge=optional(node, "edge", edge),
    )


def api(node: Node) -> Api:
    """The HTTP service."""
    return Api(
        path=node.path,
        server=node.get("server", "fastapi"),
        port=node.get("port", 8080),
        replicas=node.get("replicas", 1),
        log_predictions=prediction_log(node),
        rollout=rollout(node.child("rollout")),
    )


def prediction_log(parent: Node) -> PredictionLog | None:
    """What of each prediction is kept: everything, unless it is told otherwise or turned off."""
    node = parent.child("log_predictions")
    if node.data is False:
        return None
    return PredictionLog(
        path=node.path,
        sample=fraction(node.get("sample", 1.0)),
        redact=node.references("redact"),
        keep=node.references("keep"),
        retention=node.duration("retention"),
    )


def rollout(node: Node) -> Rollout:
    """How a new version takes over."""
    return Rollout(
        path=node.path,
        strategy=node.get("strategy", "replace"),
        steps=tuple(fraction(item.data) for item in node.child("steps").elements()),
        pause=node.duration("pause"),
    )


def batch(node: Node) -> Batch:
    """Scheduled scoring of a dataset."""
    return Batch(
        path=node.path,
        schedule=node.schedule("schedule"),
        input=node.need_reference("input"),
        output=node.need("output"),
        log_predictions=prediction_log(node),
    )


def edge(node: Node) -> Edge:
    """An export for devices."""
    return Edge(path=node.path, format=node.get("format", "onnx"), tolerance=float(node.get("tolerance", 1e-6)))
