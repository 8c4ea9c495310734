"""``features`` from plain data."""

from __future__ import annotations

from ..features import Feature, FeatureSet, Online
from ..values import Sql
from .reader import Node, definitions, optional


def feature_set(node: Node) -> FeatureSet:
    """Features of one dataset."""
    node.need("columns")
    return FeatureSet(
        name=str(node.path[-1]),
        path=node.path,
        source=node.need_reference("from"),
        columns=definitions(node, "columns", feature),
        online=optional(node, "online", online),
        description=node.get("description", ""),
    )


def feature(node: Node) -> Feature:
    """One feature; a plain string is its SQL, nothing at all passes the column of that name through."""
    name = str(node.path[-1])
    if isinstance(node.data, str):
        return Feature(name=name, path=node.path, sql=Sql(text=node.data, path=node.path))
    return Feature(
        name=name,
        path=node.path,
        sql=node.sql("sql"),
        aggregate=node.need_sql("aggregate") if _is_window(node) else None,
        by=node.references("by"),
        window=node.duration("window"),
        lag=node.duration("lag"),
        description=node.get("description", ""),
    )


def online(node: Node) -> Online:
    """How window features reach a request."""
    return Online(
        path=node.path,
        store=node.get("store", "sqlite"),
        refresh=node.schedule("refresh"),
        max_staleness=node.duration("max_staleness"),
        missing=node.get("missing", "null"),
    )


def _is_window(node: Node) -> bool:
    return isinstance(node.data, dict) and bool({"aggregate", "window"} & set(node.data))
