"""``features``: sets of columns computed from one dataset."""

from __future__ import annotations

from dataclasses import field

from ..records import record
from ..source import YamlPath
from .values import Duration, Invalid, Reference, Schedule, Sql


@record
class Feature:
    """One feature: a column passed through (neither sql nor aggregate), an expression, or a window."""

    name: str
    path: YamlPath
    sql: Sql | None = None
    aggregate: Sql | None = None
    by: tuple[Reference, ...] = ()
    window: Duration | None = None
    lag: Duration | None = None
    description: str = ""


@record
class Online:
    """How window features reach a request."""

    path: YamlPath
    store: str = "sqlite"
    refresh: Schedule | None = None
    max_staleness: Duration | None = None
    missing: str = "null"


@record
class JoinColumn:
    """A pair of columns that are equal in both datasets."""

    ours: Reference
    theirs: Reference


@record
class Join:
    """A row of another dataset for each row: the newest as of its time, or the only one of its key."""

    name: str
    path: YamlPath
    dataset: Reference
    on: tuple[JoinColumn, ...]
    as_of: Reference | None = None
    lag: Duration | None = None
    max_age: Duration | None = None
    description: str = ""


@record
class FeatureSet:
    """Features of the rows of one dataset, shared by models."""

    name: str
    path: YamlPath
    source: Reference  # the dataset
    columns: dict[str, Feature | Invalid]
    joins: dict[str, Join | Invalid] = field(default_factory=dict)
    online: Online | Invalid | None = None
    description: str = ""
