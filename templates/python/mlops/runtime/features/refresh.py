"""The job that computes stored features again: from the sources into the history and the online store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import duckdb

from ..core import duck, paths
from ..core.config import Dataset, Feature, ModelConfig, Online
from ..core.errors import UsageError
from ..core.files import write_json
from . import history, store_latest
from .modules import FeatureModule, load_modules, project_features
from .store import Status, Values, stored_columns, stored_features
from .store_packaged import rows_of
from .stores import module_of, open_store, put


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSet:
    """One feature set whose features requests take from a store."""

    name: str
    project: str
    module: FeatureModule
    features: Mapping[str, Feature]
    datasets: Mapping[str, Dataset]
    online: Online


def refresh(configs: Sequence[ModelConfig], names: Sequence[str], *, at: datetime | None = None) -> str:
    """Refresh the named feature sets, or all; says what was done.

    The values are those of the moment of their dataset's newest row, and never of a later one than now (or ``at``).
    """
    until = (at or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    done = [_refresh(found, configs, until) for found in _chosen(configs, names)]
    return "\n".join(done) or "no feature set has stored features"


def show_status(configs: Sequence[ModelConfig]) -> str:
    """As of when each online store is, one line for each feature set."""
    lines = []
    for found in _chosen(configs, ()):
        store = open_store(found.project, found.name, found.online, paths.home() / "none")
        try:
            status = store.status()
        finally:
            store.close()
        said = f"as of {status.as_of}, written {status.refreshed_at} (UTC)" if status else "never refreshed"
        lines.append(f"{found.name}: {said}")
    return "\n".join(lines) or "no feature set has stored features"


def feature_sets(configs: Sequence[ModelConfig]) -> dict[str, FeatureSet]:
    """The feature sets of all models that have stored features, by name."""
    found: dict[str, FeatureSet] = {}
    for config in configs:
        for name, module in load_modules(config, project_features()).items():
            stored = stored_features(module)
            features = {one.name: one for one in config.features if one.module == name and one.name in stored}
            before = found[name].features if name in found else {}
            datasets = found[name].datasets if name in found else {}
            if features or stored_columns(module):
                found[name] = FeatureSet(
                    name=name,
                    project=config.project,
                    module=module,
                    features={**before, **features},
                    datasets={**datasets, **config.datasets},
                    online=config.online.get(name) or Online(store="sqlite"),
                )
    return found


def _chosen(configs: Sequence[ModelConfig], names: Sequence[str]) -> list[FeatureSet]:
    found = feature_sets(configs)
    wanted = {name.replace("-", "_") for name in names}
    for name in sorted(wanted - set(found)):
        known = ", ".join(sorted(found)) or "none"
        raise UsageError(f"'{name}' is no feature set with stored features", f"there is: {known}")
    return [found[name] for name in sorted(wanted or found)]


def _refresh(found: FeatureSet, configs: Sequence[ModelConfig], until: datetime) -> str:
    with duck.connection() as database:
        store_latest.read(database, found.module, found.features, found.datasets)
        types = store_latest.stored_types(found.module, found.features, found.datasets)
        groups = store_latest.compute(database, found.module, types, until)
        moment = min(group.moment for group in groups)
        entities = sum(duck.count(database, group.table) for group in groups)
        if found.online.engine == "feast":
            place = _through_feast(database, found, groups, moment)
        else:
            for group in groups:
                history.append(database, history.folder(found.name, group), group, group.moment)
            written = store_latest.values(database, groups)
            place = put(found.project, found.name, found.online, _with_packaged(found, configs, written, until))
    count = sum(len(group.features) for group in groups)
    return f"{found.name}: {count} features of {entities:,} entities as of {moment} to {place}"


def _through_feast(
    database: duckdb.DuckDBPyConnection, found: FeatureSet, groups: Sequence[store_latest.Group], moment: datetime
) -> str:
    repository = module_of("feast").Repository(found.name, found.online)
    for group in groups:
        history.append(database, repository.days(group), group, moment, null=history.NULL)
    place: str = repository.materialize(moment)
    status = Status(as_of=moment, refreshed_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0))
    write_json(paths.refresh_record(found.name), asdict(status))
    return place


def _with_packaged(found: FeatureSet, configs: Sequence[ModelConfig], written: Values, until: datetime) -> Values:
    """The values and, besides, those of definitions that only a packaged model has: it may be the one that serves."""
    rows = list(written.rows)
    known = {stored.name for stored in (stored_features(found.module) | stored_columns(found.module)).values()}
    for config in configs:
        more = rows_of(paths.Work.of(config.model).package, found.name, found.datasets, known, until)
        known |= {row[0] for row in more}
        rows += more
    return Values(rows=rows, status=written.status)
