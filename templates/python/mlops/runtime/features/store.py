"""Stores of latest values: what is kept for requests, under which name, and the face that every store shows."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from .modules import FeatureModule

Wanted = tuple[str, Sequence[Any]]
"""The stored name of a feature and the values of its entity's columns."""


Row = tuple[str, str, Any, datetime]
"""What is stored: the name, the key of the entity, the value, and the moment that it describes."""


class UnreachableError(Exception):
    """The store does not answer now; a request is told what its policy says, and a later one asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A feature, or a column of a joined dataset, that requests take from a store."""

    feature: str
    by: tuple[str, ...]  # the columns of its entity
    name: str  # what it is stored under: the feature and its definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """A stored value and the moment that it describes (UTC, without zone)."""

    value: Any
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The last refresh of a feature set: the moment that its values describe, and when they were written (UTC)."""

    as_of: datetime
    refreshed_at: datetime


class OnlineStore(Protocol):
    """The latest value of every feature of one feature set; safe to share between threads.

    Reading raises UnreachableError where the store does not answer.
    """

    def latest(self, feature: str, entity: Sequence[Any]) -> Latest | None:
        """The value under one stored name; None for an entity that the store does not know."""

    def latest_many(self, wanted: Sequence[Wanted]) -> list[Latest | None]:
        """The same for many, in their order, in as few round trips as the store allows."""

    def status(self) -> Status | None:
        """The last refresh; None before the first."""

    def close(self) -> None:
        """Give its connections back."""


class Patience:
    """Asks a server that did not answer again only after a pause: requests must not queue up behind a timeout."""

    TIMEOUT = 0.25  # seconds that a request waits for an answer at most
    PAUSE = 1.0  # seconds

    def __init__(self) -> None:
        self._silent_until = 0.0

    @contextmanager
    def asking(self, refusals: tuple[type[Exception], ...]) -> Iterator[None]:
        """Ask within the block; one of ``refusals`` becomes UnreachableError, and so does the block during a pause."""
        if time.monotonic() < self._silent_until:
            raise UnreachableError("the online store did not answer a moment ago")
        try:
            yield
        except refusals as error:
            self._silent_until = time.monotonic() + self.PAUSE
            raise UnreachableError(str(error) or type(error).__name__) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What a refresh puts into a store; the status has the earliest of the moments of the rows."""

    rows: Sequence[Row]
    status: Status


def stored_features(module: FeatureModule) -> dict[str, Stored]:
    """The features of a module that requests take from its store, by name."""
    found = {}
    for feature, window in module.windows.items():
        join = module.joins[window.join] if window.join is not None else None
        source = [join.dataset, join.theirs] if join is not None else [module.source]
        found[feature] = Stored(feature=feature, by=window.by, name=_stored_name(feature, [*source, asdict(window)]))
    return found


def stored_columns(module: FeatureModule) -> dict[str, Stored]:
    """The columns of joined datasets that requests take from its store, and the times by which a row is too old."""
    found = {}
    for join in module.joins.values():
        for column in join.stored:
            name = join.qualified(column)
            definition = [join.dataset, join.theirs, column, join.time, join.lag_seconds, join.known_at.get(column)]
            found[name] = Stored(feature=name, by=join.ours, name=_stored_name(name, definition))
    return found


def _stored_name(feature: str, definition: list[Any]) -> str:
    # An old champion is served by its own definition: under a name of its own it never sees values of another.
    text = json.dumps(definition, sort_keys=True)
    return f"{feature}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def entity_key(values: Sequence[Any]) -> str:
    """The values of an entity's columns as one text, the same for a stored row and for a request."""
    return _TEXT([None if value is None else str(value) for value in values])


_TEXT = json.JSONEncoder(ensure_ascii=False).encode


def encode_value(value: Any) -> str:
    """A value as JSON text; a moment becomes ISO 8601, a decimal a float."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def decoder(dtype: str) -> Callable[[Any], Any]:
    """What turns a stored value into the type that the batch has: JSON knows no moments."""
    if dtype == "timestamp":
        return lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value
    if dtype == "date":
        return lambda value: date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return lambda value: value


def one(found: Iterable[Latest | None]) -> Latest | None:
    """The only answer to a question about one entity."""
    return next(iter(found))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date
