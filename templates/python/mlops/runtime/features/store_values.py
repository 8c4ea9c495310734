"""The stored features of requests as the policy of their feature set has them: how old, and what if there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ..core.config import Column, Feature, ModelConfig, Online
from ..core.errors import StepError
from .modules import FeatureModule, Join
from .store import Latest, OnlineStore, Stored, UnreachableError, decoder, stored_columns, stored_features
from .store_latest import nothing
from .stores import open_store

Request = Mapping[str, Any]


class MissingFeatureError(StepError):
    """A request cannot be answered now, since a stored feature is missing that may not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One stored feature or joined column of the model, with what makes its stored value the batch's."""

    stored: Stored
    decode: Callable[[Any], Any]
    nothing: Any = None  # the value of an entity without rows: None, or what counts nothing
    keyed: bool = False  # whether nulls in the entity find nothing, as in a join
    join: Join | None = None  # that it is a column of

    @property
    def tells_age(self) -> bool:
        """Whether it is the time by which a joined row is too old."""
        if self.join is None or self.join.max_age_seconds is None:
            return False
        return self.stored.feature == self.join.qualified(str(self.join.time))

    def entity(self, request: Request) -> list[Any]:
        """The values of its entity's columns."""
        return [request.get(column) for column in self.stored.by]


@dataclass(slots=True, kw_only=True)
class StoredSet:
    """The stored features and joined columns of one feature set, and what became of the requests for them."""

    name: str
    policy: Online
    wanted: tuple[Wanted, ...]
    store: OnlineStore
    missing: dict[str, int]  # by feature, how many values were not there or too old
    unreachable: int = 0  # how often the store did not answer
    as_of: datetime | None = None  # the moment that the newest value describes which was read
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def values(self, requests: Sequence[Request], moments: Sequence[datetime]) -> list[dict[str, Any]]:
        """For each request the features and joined columns by name; StepError where one is missing that may not be."""
        found = self._read(requests)
        answers = []
        for position, (request, moment) in enumerate(zip(requests, moments, strict=True)):
            latest = found[position * len(self.wanted) : (position + 1) * len(self.wanted)] if found else None
            answers.append(self._values(request, moment, latest))
        return answers

    def _read(self, requests: Sequence[Request]) -> list[Latest | None] | None:
        wanted = [(one.stored.name, one.entity(request)) for request in requests for one in self.wanted]
        try:
            found = self.store.latest_many(wanted)
            self._learn(found)
        except UnreachableError:
            with self._lock:
                self.unreachable += 1
            return None
        return found

    def _learn(self, found: Sequence[Latest | None]) -> None:
        for latest in found:
            if latest is not None and (self.as_of is None or latest.as_of > self.as_of):
                self.as_of = latest.as_of
        if self.as_of is None and (status := self.store.status()):
            self.as_of = status.as_of

    def _values(self, request: Request, moment: datetime, found: Sequence[Latest | None] | None) -> dict[str, Any]:
        values: dict[str, Any] = {}
        outdated = self._outdated(request, found) if found else ()
        for position, one in enumerate(self.wanted):
            name = one.stored.feature
            if one.join is not None and one.join.name in outdated:
                values[name] = None
                continue
            latest = (found[position] or self._without_rows(one, request)) if found else None
            latest = self._fresh(one, latest, request, moment)
            if latest is None:
                self._miss(one, request, answered=found is not None)
            values[name] = one.decode(latest.value) if latest and latest.value is not None else None
        return values

    def _outdated(self, request: Request, found: Sequence[Latest | None]) -> set[str]:
        """The joins whose row is older than the spec lets it be: their columns are null, as in a batch."""
        names = set()
        for one, latest in zip(self.wanted, found, strict=True):
            join = one.join
            if join is None or not one.tells_age or latest is None or latest.value is None:
                continue
            age = moment_of(request.get(str(join.as_of))) - moment_of(one.decode(latest.value))
            if age > timedelta(seconds=join.max_age_seconds or 0):
                names.add(join.name)
        return names

    def _without_rows(self, one: Wanted, request: Request) -> Latest | None:
        """What a batch computes for an entity that the store does not know: it had no row when it was refreshed."""
        if self.policy.missing == "error" or self.as_of is None or one.nothing is None:
            return None
        if one.keyed and None in one.entity(request):
            return None
        return Latest(value=one.nothing, as_of=self.as_of)

    def _fresh(self, one: Wanted, found: Latest | None, request: Request, moment: datetime) -> Latest | None:
        limit = self.policy.max_staleness_seconds
        if found is None or limit is None:
            return found
        if one.join is not None:
            if one.join.as_of is None:  # what is looked up by key alone is of no moment
                return found
            moment = moment_of(request.get(one.join.as_of))
        return found if (moment - found.as_of).total_seconds() <= limit else None

    def _miss(self, one: Wanted, request: Request, *, answered: bool) -> None:
        name = one.stored.feature
        with self._lock:
            self.missing[name] += 1
        if self.policy.missing != "error":
            return
        if not answered:
            message = f"feature '{name}' cannot be read: the online store does not answer"
            raise MissingFeatureError(message, "is it up, and does 'online.store' reach it?")
        entity = ", ".join(f"{column}={request.get(column)}" for column in one.stored.by)
        message = f"feature '{name}' has no fresh value for {entity}"
        raise MissingFeatureError(message, "python -m mlops features refresh")


class StoredValues:
    """Reads the stored features and the joined columns of a model; safe to share between threads.

    The age of a value is counted to the time of the request, or to now where the dataset has no time.
    """

    def __init__(self, config: ModelConfig, modules: Mapping[str, FeatureModule], package: Path) -> None:
        self._time = config.datasets[config.dataset].time
        self.sets = [found for module in modules.values() if (found := _set(config, module, package))]
        wanted = [one for found in self.sets for one in found.wanted]
        self.names = frozenset(one.stored.feature for one in wanted if one.join is None)
        self.joined = {one.stored.feature: _column(config, one.join, one.stored.feature) for one in wanted if one.join}
        """The contract of each joined column, by the name that it has in a row."""

    def values(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """For each request its stored features and joined columns by name; one question to each store."""
        if not self.sets:
            return [{} for _ in requests]
        moments = [moment_of(request.get(self._time) if self._time else None) for request in requests]
        answers = [found.values(requests, moments) for found in self.sets]
        return [{name: value for part in parts for name, value in part.items()} for parts in zip(*answers, strict=True)]

    def silent(self) -> str | None:
        """The feature set whose store does not answer although its features may not be missing."""
        for found in self.sets:
            if found.policy.missing == "error":
                try:
                    found.store.status()
                except UnreachableError:
                    return found.name
        return None

    def close(self) -> None:
        """Give the stores back."""
        for found in self.sets:
            found.store.close()


def _set(config: ModelConfig, module: FeatureModule, package: Path) -> StoredSet | None:
    used = {feature.name: feature for feature in config.features if feature.module == module.name}
    wanted = (*_windows(config, module, used), *_joined(config, module, used))
    if not wanted:
        return None
    policy = config.online.get(module.name) or Online(store="sqlite")
    store = open_store(config.project, module.name, policy, package)
    missing = {one.stored.feature: 0 for one in wanted}
    return StoredSet(name=module.name, policy=policy, wanted=wanted, store=store, missing=missing)


def _windows(config: ModelConfig, module: FeatureModule, used: Mapping[str, Feature]) -> Iterator[Wanted]:
    for name, stored in stored_features(module).items():
        if name in used:
            yield Wanted(
                stored=stored,
                decode=decoder(used[name].dtype),
                nothing=nothing(module, used[name], config.datasets),
                keyed=module.windows[name].join is not None,
            )


def _joined(config: ModelConfig, module: FeatureModule, used: Mapping[str, Feature]) -> Iterator[Wanted]:
    """The joined columns that features of a single request read, and the times by which they are too old."""
    read = {column for feature in used.values() if feature.name not in module.windows for column in feature.columns}
    columns = stored_columns(module)
    for join in module.joins.values():
        names = [join.qualified(column) for column in join.columns if join.qualified(column) in read]
        if names and join.max_age_seconds is not None and join.qualified(str(join.time)) not in names:
            names.append(join.qualified(str(join.time)))
        for name in names:
            yield Wanted(stored=columns[name], decode=decoder(_column(config, join, name).type), join=join)


def _column(config: ModelConfig, join: Join, name: str) -> Column:
    return config.datasets[join.dataset].columns[name.removeprefix(f"{join.name}.")]


def moment_of(value: Any) -> datetime:
    """The time of a request as naive UTC; now where it has none."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC, as everywhere in the data
    return datetime.now(UTC).replace(tzinfo=None)
