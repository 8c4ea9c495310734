"""``data``: sources and the contracts of their columns and tables."""

from __future__ import annotations

from collections.abc import Mapping
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
class Target:
    """A column of another dataset that a column refers to."""

    path: YamlPath
    dataset: Reference
    column: Reference


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
    min_length: int | None = None
    max_length: int | None = None
    min_distinct: int | None = None
    max_distinct: int | None = None
    references: Target | Invalid | None = None
    warn: tuple[Reference, ...] = ()  # the rules, by key, that report and do not block
    known_at: Reference | None = None  # column that holds the moment from which it is known
    available_after: Duration | None = None  # how long after the row's time it is known
    pii: bool = False
    description: str = ""


@record
class DataCheck:
    """A check of a whole table."""

    kind: str  # row_count | freshness | null_fraction | duplicate_keys | distribution | sql
    path: YamlPath
    severity: str = "error"  # error | warn
    name: str | None = None
    column: Reference | None = None
    min: float | None = None
    max: float | None = None
    max_change: float | None = None  # share of the rows of the last accepted run
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
    shown_in_bad_rows: tuple[Reference, ...] = ()  # personal columns that are put aside all the same
    description: str = ""

    @cached_property
    def moments(self) -> frozenset[str]:
        """The columns that hold the moment from which others are known."""
        return frozenset(column.known_at.name for _, column in valid_items(self.columns) if column.known_at is not None)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """What its columns refer to."""
        found = (column.references for _, column in valid_items(self.columns))
        return tuple(target for target in found if isinstance(target, Target))


def referred(start: Dataset, known: Mapping[str, Dataset | Invalid]) -> list[Dataset]:
    """The other datasets that the contract of ``start`` needs, and those that theirs need."""
    found = {start.name: start}
    waiting = [start]
    while waiting:
        for target in waiting.pop().targets:
            other = known.get(target.dataset.name)
            if isinstance(other, Dataset) and other.name not in found:
                found[other.name] = other
                waiting.append(other)
    return [dataset for name, dataset in sorted(found.items()) if name != start.name]
