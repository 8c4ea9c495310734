# mypy: disable-error-code="import-untyped, import-not-found"
"""Feast in front of the online store: what a refresh materialises, and what a request looks up."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ..core import paths
from ..core.config import Online
from ..core.errors import StepError
from .history import NULL
from .store import Latest, Patience, Status, Wanted, one
from .store_latest import Group
from .stores import SQLITE, resolved

WRITE_TIMEOUT = 10.0


class Repository:
    """The generated definitions of one feature set, where a refresh applies and materialises them."""

    def __init__(self, name: str, online: Online) -> None:
        folder = paths.GENERATED / "feast"
        paths.feast_folder().mkdir(parents=True, exist_ok=True)
        self._online = online
        self._definitions = _definitions(folder)
        self._views = _views(self._definitions, name)
        self._store = _feature_store(folder, online, WRITE_TIMEOUT)

    def days(self, group: Group) -> Path:
        """The folder of the history that the view of these features reads."""
        view = _view_of(self._views, group.features[0].feature)
        return Path(view.batch_source.path).parent

    def materialize(self, moment: datetime) -> str:
        """Apply the definitions and copy the values as of ``moment`` to the online store; says where they are."""
        end = moment.replace(tzinfo=UTC)
        names = [view.name for view in self._views]
        try:
            with redirect_stdout(StringIO()):  # Feast prints what it does
                self._store.apply([*_entities(self._definitions), *self._views])
                self._store.materialize(end - timedelta(seconds=1), end, feature_views=names)
        except _refusals() as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            hint = "is it up, and does the address in 'online.store' reach it?"
            raise StepError(f"Feast cannot write to its online store: {reason}", hint) from error
        return "Feast, online store " + ("SQLite" if self._online.store == SQLITE else "Redis")


class FeastStore:
    """Reads one feature set through ``get_online_features``, with the definitions of the model's own package.

    The registry is made from those definitions when the service starts: an old champion keeps its views, and no
    service depends on a registry that another machine writes.
    """

    def __init__(self, name: str, online: Online, folder: Path) -> None:
        self._name = name
        self._temporary = TemporaryDirectory(prefix="feast-")
        repository = folder if folder.exists() else paths.GENERATED / "feast"
        definitions = _definitions(repository)
        self._views = _views(definitions, name)
        self._store = _feature_store(
            repository, online, Patience.TIMEOUT, registry=Path(self._temporary.name) / "registry.db"
        )
        for entity in _entities(definitions):
            self._store.registry.apply_entity(entity, self._store.project, commit=False)
        for view in self._views:
            self._store.registry.apply_feature_view(view, self._store.project, commit=False)
        self._store.registry.commit()
        self._patience = Patience()
        self._lock = threading.Lock()

    def latest(self, feature: str, entity: Sequence[Any]) -> Latest | None:
        """The value under one stored name."""
        return one(self.latest_many([(feature, entity)]))

    def latest_many(self, wanted: Sequence[Wanted]) -> list[Latest | None]:
        """The values under many stored names: one question for each view."""
        by_view: dict[str, dict[tuple[str, ...], int]] = {}
        fields: dict[str, dict[str, None]] = {}
        places = []
        for name, entity in wanted:
            feature = name.rpartition(":")[0]
            view = _view_of(self._views, feature)
            rows = by_view.setdefault(view.name, {})
            row = rows.setdefault(tuple(map(entity_text, entity)), len(rows))
            fields.setdefault(view.name, {})[feature] = None
            places.append((view.name, feature, row))
        found = {view: self._ask(view, list(fields[view]), list(rows)) for view, rows in by_view.items()}
        return [found[view][feature][row] for view, feature, row in places]

    def status(self) -> Status | None:
        """The last refresh of this machine's home; None where another one refreshes."""
        file = paths.refresh_record(self._name)
        if not file.exists():
            return None
        known = json.loads(file.read_text(encoding="utf-8"))
        return Status(**{name: datetime.fromisoformat(text) for name, text in known.items()})

    def close(self) -> None:
        """Give the registry back."""
        self._temporary.cleanup()

    def _ask(
        self, name: str, features: Sequence[str], rows: Sequence[tuple[str, ...]]
    ) -> dict[str, list[Latest | None]]:
        view = next(view for view in self._views if view.name == name)
        keys = _join_keys(view)
        entities = [dict(zip(keys, row or (NULL,), strict=True)) for row in rows]
        with self._patience.asking(_refusals()), self._lock:
            answer = self._store.get_online_features(
                features=[f"{name}:{feature}" for feature in features], entity_rows=entities
            ).proto
        found = dict(zip(answer.metadata.feature_names.val, answer.results, strict=True))
        return {feature: _column(found[feature]) for feature in features}


def entity_text(value: Any) -> str:
    """One part of an entity as the history has it: DuckDB's text of the value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if value.microsecond else text
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"\\{text}" if text.startswith("\\") else text


def connection_string(url: str, timeout: float) -> str:
    """The address of a Redis server as Feast writes it; every value is JSON, so that none breaks the list."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise StepError("the address of the online store is not one of Redis", "it looks like redis://host:6379/0")
    settings: dict[str, Any] = dict(parse_qsl(parts.query))
    settings |= {"db": int(parts.path.strip("/") or 0), "socket_timeout": timeout, "socket_connect_timeout": timeout}
    if parts.scheme == "rediss":
        settings["ssl"] = True
    if parts.username:
        settings["username"] = unquote(parts.username)
    if parts.password:
        settings["password"] = unquote(parts.password)
    written = [f"{name}={json.dumps(value).replace(',', _COMMA)}" for name, value in sorted(settings.items())]
    return ",".join([f"{parts.hostname}:{parts.port or 6379}", *written])


_COMMA = "\\u002c"  # JSON for a comma, which would end the value


def _feature_store(folder: Path, online: Online, timeout: float, registry: Path | None = None) -> Any:
    try:
        import yaml  # noqa: PLC0415 - comes with Feast
        from feast import FeatureStore, RepoConfig  # noqa: PLC0415 - takes seconds, and only this store needs it
    except ModuleNotFoundError as error:
        raise StepError(f"Feast needs the package '{error.name}'", "install the generated requirements") from error
    raw = yaml.safe_load((folder / "feature_store.yaml").read_text(encoding="utf-8"))
    values = {"FEAST_HOME": str(paths.feast_folder())}
    if online.store != SQLITE:
        values["FEAST_REDIS"] = connection_string(resolved(online.store), timeout)
    settings = {name: _filled(value, values) for name, value in raw.items()}
    if registry is not None:
        settings["registry"] = str(registry)
    store = FeatureStore(config=RepoConfig(**settings, repo_path=folder))
    if online.store != SQLITE:
        _never_wait(store)
    return store


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(part, values) for name, part in value.items()}
    return Template(value).safe_substitute(values) if isinstance(value, str) else value


def _never_wait(store: Any) -> None:
    """Redis' client tries again for seconds by default; Feast has no setting for that."""
    from redis.backoff import NoBackoff  # noqa: PLC0415 - comes with this store
    from redis.retry import Retry  # noqa: PLC0415

    client = store._get_provider().online_store._get_client(store.config.online_store)  # noqa: SLF001
    client.set_retry(Retry(NoBackoff(), 0))


def _refusals() -> tuple[type[Exception], ...]:
    try:
        import redis  # noqa: PLC0415 - there where the online store is Redis
    except ModuleNotFoundError:
        return (OSError,)
    return (redis.RedisError, OSError)


def _definitions(folder: Path) -> ModuleType:
    """The generated definitions in ``folder``; their history is in this project's home."""
    os.environ.setdefault("MLOPS_HOME", str(paths.home()))
    path = folder / "definitions.py"
    spec = importlib.util.spec_from_file_location("feast_definitions", path)
    if spec is None or spec.loader is None or not path.exists():
        raise StepError(f"{path} does not exist", "compile the spec again")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise StepError(f"Feast needs the package '{error.name}'", "install the generated requirements") from error
    return module


def _views(definitions: ModuleType, name: str) -> list[Any]:
    from feast import FeatureView  # noqa: PLC0415 - only this store needs it

    found = [value for value in vars(definitions).values() if isinstance(value, FeatureView)]
    return [view for view in found if view.tags.get("set") == name]


def _entities(definitions: ModuleType) -> list[Any]:
    from feast import Entity  # noqa: PLC0415 - only this store needs it

    return [value for value in vars(definitions).values() if isinstance(value, Entity)]


def _view_of(views: Sequence[Any], feature: str) -> Any:
    for view in views:
        if any(field.name == feature for field in view.features):
            return view
    raise StepError(f"Feast's definitions do not have the feature '{feature}'", "compile the spec again")


def _join_keys(view: Any) -> list[str]:
    return [column.name for column in view.entity_columns]


def _column(vector: Any) -> list[Latest | None]:
    return [
        Latest(value=_value(value), as_of=moment.ToDatetime()) if moment.seconds else None
        for value, moment in zip(vector.values, vector.event_timestamps, strict=True)
    ]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("val")
    return None if kind in {None, "null_val"} else getattr(value, kind)
