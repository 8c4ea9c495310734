"""``data`` from plain data."""

from __future__ import annotations

from ..data import Column, DataCheck, Dataset, Source, Target
from .reader import Node, definition, definitions, optional
from .units import fraction

SOURCE_KINDS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}


def kind_of_path(path: str) -> str | None:
    """The kind of source that a file name tells, or None."""
    return next((kind for ending, kind in SOURCE_KINDS.items() if path.lower().endswith(ending)), None)


def dataset(node: Node) -> Dataset:
    """One dataset."""
    node.need("columns")
    return Dataset(
        name=str(node.path[-1]),
        path=node.path,
        source=definition(
            Node(data=node.data.get("source"), path=(*node.path, "source"), invalid=node.invalid), source
        ),
        key=node.references("key"),
        time=node.reference("time"),
        columns=definitions(node, "columns", column),
        checks=tuple(definition(item, check) for item in node.child("checks").elements()),
        shown_in_bad_rows=node.child("bad_rows").references("show"),
        description=node.get("description", ""),
    )


def source(node: Node) -> Source:
    """Where rows come from; a plain string is the path of a file whose ending tells its kind."""
    if isinstance(node.data, str):
        return Source(kind=kind_of_path(node.data) or "csv", path=node.path, location=node.data)
    location = node.get("path")
    kind = node.get("kind") or kind_of_path(location or "")
    return Source(
        kind=kind or node.need("kind"),
        path=node.path,
        location=location,
        url=node.get("url"),
        query=node.sql("query"),
        since=node.get("since"),
        cursor=node.reference("cursor"),
    )


def column(node: Node) -> Column:
    """The contract of one column; a plain string is its type, with ``?`` when it may be null."""
    name = str(node.path[-1])
    if isinstance(node.data, str):
        return Column(name=name, path=node.path, type=node.data.removesuffix("?"), nullable=node.data.endswith("?"))
    kind = str(node.need("type"))
    return Column(
        name=name,
        path=node.path,
        type=kind.removesuffix("?"),
        nullable=node.get("nullable", kind.endswith("?")),
        unique=node.get("unique", False),
        min=node.get("min"),
        max=node.get("max"),
        allowed=tuple(item.data for item in node.child("allowed").elements()) if node.has("allowed") else None,
        pattern=node.get("pattern"),
        min_length=node.get("min_length"),
        max_length=node.get("max_length"),
        min_distinct=node.get("min_distinct"),
        max_distinct=node.get("max_distinct"),
        references=optional(node, "references", target),
        warn=node.references("warn"),
        known_at=node.reference("known_at"),
        available_after=node.duration("available_after"),
        pii=node.get("pii", False),
        description=node.get("description", ""),
    )


def target(node: Node) -> Target:
    """The column of another dataset that a column refers to."""
    return Target(path=node.path, dataset=node.need_reference("dataset"), column=node.need_reference("column"))


def check(node: Node) -> DataCheck:
    """One check of a whole table."""
    kind = node.need("kind")
    about_column = kind in {"null_fraction", "distribution"}
    change = node.get("max_change")
    low, high = node.get("min"), node.get("max")
    return DataCheck(
        kind=kind,
        path=node.path,
        severity=node.get("severity", "error"),
        name=node.get("name"),
        column=node.need_reference("column") if about_column else node.reference("column"),
        min=low,
        max=fraction(high) if isinstance(high, str) else high,
        max_change=fraction(change) if isinstance(change, str) else change,
        max_age=node.duration("max_age"),
        violations=node.need_sql("violations") if kind == "sql" else None,
    )
