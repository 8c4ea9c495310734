"""``environments`` from plain data."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
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
        auth=tuple((cloud, _words(node.child("auth").child(cloud))) for cloud, _ in node.child("auth").items()),
        prometheus=node.get("prometheus"),
        runs_on=_words(node.child("runs_on")),
        overrides=tuple(leaves(node.child("set").data, ())),
    )


def _words(node: Node) -> tuple[tuple[str, str], ...]:
    return tuple((key, node.get(key)) for key, _ in sorted(node.items(), key=itemgetter(0)) if node.has(key))


def leaves(data: Any, path: YamlPath) -> Iterator[tuple[YamlPath, Any]]:
    """The leaves below ``data``, each with its path; a list is one leaf."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif path:
        yield path, data
