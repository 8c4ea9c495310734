"""``environments`` from plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...source import YamlPath
from ..environments import Environment
from .reader import Node


def environment(node: Node) -> Environment:
    """One environment; the leaves of its ``set`` keep the place that they override."""
    return Environment(
        name=str(node.path[-1]),
        path=node.path,
        approval=node.get("approval", "none"),
        namespace=node.child("cluster").get("namespace"),
        auth=tuple((cloud, tuple(sorted(item.data.items()))) for cloud, item in node.child("auth").items()),
        prometheus=node.get("prometheus"),
        runs_on=tuple((job, item.data) for job, item in node.child("runs_on").items()),
        overrides=tuple(leaves(node.child("set").data, ())),
    )


def leaves(data: Any, path: YamlPath) -> Iterator[tuple[YamlPath, Any]]:
    """The leaves below ``data``, each with its path; a list is one leaf."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif path:
        yield path, data
