"""Which store a feature set has: a file of this machine, a Redis server, or Feast in front of either."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from ..core import paths
from ..core.config import Online
from ..core.errors import StepError
from .store import OnlineStore, Values
from .store_sqlite import SqliteStore, write

SQLITE = "sqlite"
PACKAGED = "online.sqlite"
"""The file in the package of a model: its values are those of the day that it was trained."""


def open_store(project: str, name: str, online: Online, package: Path) -> OnlineStore:
    """The store of the feature set ``name``; StepError where its address is missing or is no address."""
    if online.engine == "feast":
        through: OnlineStore = module_of("feast").FeastStore(name, online, package / "feast")
        return through
    if online.store == SQLITE:
        return SqliteStore([paths.online_store(name), package / PACKAGED])
    beyond: OnlineStore = module_of("redis").RedisStore(resolved(online.store), space(project, name))
    return beyond


def put(project: str, name: str, online: Online, values: Values) -> str:
    """Write the values of a refresh into the built-in store; says where they are."""
    if online.store == SQLITE:
        write(paths.online_store(name), values)
        return str(paths.online_store(name))
    store_redis = module_of("redis")
    url = resolved(online.store)
    store_redis.write(url, space(project, name), values, store_redis.lifetime(online.max_staleness_seconds))
    return f"Redis at {store_redis.address(url)}"


def module_of(kind: str) -> Any:
    """The module of one kind of store: a project has only those that its stack uses."""
    return import_module(f".store_{kind}", __package__)


def space(project: str, name: str) -> str:
    """The beginning of every key of a feature set."""
    return f"mlops:{project}:{name}"


def resolved(address: str) -> str:
    """The address with what it takes from the environment; StepError names a variable that is not set."""

    def replace(match: re.Match[str]) -> str:
        value = os.environ.get(match[1])
        if not value:
            raise StepError(f"the online store needs the environment variable {match[1]}", f"export {match[1]}")
        return value

    return re.sub(r"\$\{(\w+)\}", replace, address)
