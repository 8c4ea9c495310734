# mypy: disable-error-code="import-untyped, import-not-found"
"""The online store beyond one machine: a Redis hash for each entity of a feature set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any

from ..core.errors import StepError
from .store import Latest, Patience, Status, Values, Wanted, encode_value, entity_key, one

WRITE_TIMEOUT = 10.0
CHUNK = 1_000
SOONEST, LONGEST = 24 * 3600, 30 * 24 * 3600


def client(url: str, timeout: float) -> Any:
    """A client of the server at ``url`` that never waits longer than ``timeout`` seconds."""
    try:
        import redis  # noqa: PLC0415 - only this store needs it
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise StepError("the online store needs the package 'redis'", "install the generated requirements") from error
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
    except ValueError as error:
        hint = "it looks like redis://user:password@host:6379/0"
        raise StepError(f"the address of the online store is not one of Redis: {_reason(error)}", hint) from error


def lifetime(max_staleness: int | None) -> int:
    """Seconds after which an entity that no refresh has written again is forgotten.

    Twice the staleness that is allowed, so that a refresh may fail, and a day at least; thirty days without a limit.
    """
    return LONGEST if max_staleness is None else max(2 * max_staleness, SOONEST)


def write(url: str, space: str, values: Values, seconds: int) -> None:
    """Write every entity in one piece, then the moment of the refresh; what is not written again expires."""
    server = client(url, WRITE_TIMEOUT)
    as_of = values.status.as_of.isoformat()
    try:
        with _reached(url):
            entities = [
                (key, {name: f"[{encode_value(value)},{json.dumps(at.isoformat())}]" for name, _, value, at in rows})
                for key, rows in groupby(sorted(values.rows, key=lambda row: row[1]), key=lambda row: row[1])
            ]
            for start in range(0, len(entities), CHUNK):
                with server.pipeline(transaction=True) as pipe:
                    for key, fields in entities[start : start + CHUNK]:
                        pipe.hset(f"{space}:{key}", mapping=fields)
                        pipe.expire(f"{space}:{key}", seconds)
                    pipe.execute()
            moment = {"as_of": as_of, "refreshed_at": values.status.refreshed_at.isoformat()}
            server.hset(f"{space}:refresh", mapping=moment)
    finally:
        server.close()


class RedisStore:
    """Reads the hashes below ``space``; one round trip for any number of values."""

    def __init__(self, url: str, space: str) -> None:
        self._server = client(url, Patience.TIMEOUT)
        self._url, self._space = url, space
        self._patience = Patience()

    def latest(self, feature: str, entity: Sequence[object]) -> Latest | None:
        """The value under one stored name."""
        return one(self.latest_many([(feature, entity)]))

    def latest_many(self, wanted: Sequence[Wanted]) -> list[Latest | None]:
        """The values under many stored names: one HMGET for each entity, sent together."""
        fields: dict[str, list[str]] = {}
        places = []
        for feature, entity in wanted:
            asked = fields.setdefault(entity_key(entity), [])
            if feature not in asked:
                asked.append(feature)
            places.append((entity_key(entity), feature))
        found: dict[tuple[str, str], str | None] = {}
        with self._answering(), self._server.pipeline(transaction=False) as pipe:
            for key, asked in fields.items():
                pipe.hmget(f"{self._space}:{key}", asked)
            for (key, asked), answers in zip(fields.items(), pipe.execute(), strict=True):
                found |= {(key, feature): answer for feature, answer in zip(asked, answers, strict=True)}
        return [_latest(found[place]) for place in places]

    def status(self) -> Status | None:
        """The last refresh."""
        with self._answering():
            found = self._server.hgetall(f"{self._space}:refresh")
        if not found:
            return None
        return Status(**{name: datetime.fromisoformat(text) for name, text in found.items()})

    def close(self) -> None:
        """Give the connections back."""
        self._server.close()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        with self._patience.asking((StepError,)), _reached(self._url):
            yield


@contextmanager
def _reached(url: str) -> Iterator[None]:
    import redis  # noqa: PLC0415 - only this store needs it

    try:
        yield
    except (redis.RedisError, OSError) as error:
        message = f"the online store at {address(url)} does not answer: {_reason(error)}"
        raise StepError(message, "is the server up, and does the address in 'online.store' reach it?") from error


def address(url: str) -> str:
    """Host and port of a URL, without what is secret in it."""
    return url.partition("://")[2].rpartition("@")[2].partition("/")[0].partition("?")[0]


def _latest(text: str | None) -> Latest | None:
    if text is None:
        return None
    value, as_of = json.loads(text)
    return Latest(value=value, as_of=datetime.fromisoformat(as_of))


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
