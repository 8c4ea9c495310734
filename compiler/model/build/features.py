"""``features`` from plain data."""

from __future__ import annotations

from collections.abc import Iterator

from ..features import Feature, FeatureSet, Join, JoinColumn, Online
from ..values import Reference, Sql
from .reader import Node, definitions, optional


def feature_set(node: Node) -> FeatureSet:
    """Features of one dataset."""
    node.need("columns")
    return FeatureSet(
        name=str(node.path[-1]),
        path=node.path,
        source=node.need_reference("from"),
        columns=definitions(node, "columns", feature),
        joins=definitions(node, "joins", join),
        online=optional(node, "online", online),
        description=node.get("description", ""),
    )


def join(node: Node) -> Join:
    """A joined dataset; it is named like the join where nothing else is said."""
    node.need("on")
    name = str(node.path[-1])
    return Join(
        name=name,
        path=node.path,
        dataset=node.reference("dataset") or Reference(name=name, path=node.path),
        on=tuple(_pairs(node.child("on"))),
        as_of=node.reference("as_of"),
        lag=node.duration("lag"),
        max_age=node.duration("max_age"),
        description=node.get("description", ""),
    )


def _pairs(on: Node) -> Iterator[JoinColumn]:
    if isinstance(on.data, dict):
        for ours, theirs in on.items():
            if theirs.path not in on.invalid:
                name = Reference(name=theirs.data, path=theirs.path)
                yield JoinColumn(ours=Reference(name=ours, path=theirs.path), theirs=name)
        return
    for element in on.elements():
        both = Reference(name=element.data, path=element.path)
        yield JoinColumn(ours=both, theirs=both)


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
