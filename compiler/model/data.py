"""``data``: sources and the contracts of their columns and tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..records import record
from ..source import YamlPath
from .values import Duration, Invalid, Reference, Sql, valid_items

DTYPES = ("string", "integer", "float", "boolean", "timestamp", "date")


@record
class Source:
    """Where rows come from."""

    kind: str  # csv | parquet | json | sql
    path: YamlPath
    location: str | None = None  # file, folder, glob or URL
    url: str | None = None  # database of an sql source
    query: Sql | None = None
    since: str | None = None  # last_run
    cursor: Reference | None = None  # column that says which rows are new; else the dataset's time


@record
class Column:
    """The contract of one column."""

    name: str
    path: YamlPath
    type: str
    nullable: bool = False
    unique: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[Any, ...] | None = None
    pattern: str | None = None
    max_distinct: int | None = None
    known_at: Reference | None = None  # column that holds the moment from which it is known
    available_after: Duration | None = None  # how long after the row's time it is known
    pii: bool = False
    description: str = ""


@record
class DataCheck:
    """A check of a whole table."""

    kind: str  # row_count | freshness | null_fraction | duplicate_keys | sql
    path: YamlPath
    severity: str = "error"  # error | warn
    name: str | None = None
    column: Reference | None = None
    min: float | None = None
    max: float | None = None
    max_age: Duration | None = None
    violations: Sql | None = None


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A source of rows with its contract."""

    name: str
    path: YamlPath
    source: Source | Invalid
    key: tuple[Reference, ...]
    time: Reference | None
    columns: dict[str, Column | Invalid]
    checks: tuple[DataCheck | Invalid, ...] = ()
    description: str = ""

    @cached_property
    def moments(self) -> frozenset[str]:
        """The columns that hold the moment from which others are known."""
        return frozenset(column.known_at.name for _, column in valid_items(self.columns) if column.known_at is not None)
