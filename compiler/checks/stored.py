"""The feature sets whose features requests take from an online store, as the checks and the targets see them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..model.features import Online
from ..model.resolved import Project, ResolvedFeature, ResolvedFeatureSet, ResolvedJoin, ResolvedModel
from ..model.values import is_valid, valid_items
from ..records import record
from ..source import YamlPath

SQLITE = "sqlite"


@record
class StoredSet:
    """A feature set with those of its stored features that models use, and these models.

    ``joins`` are those of which a request looks up columns, or a window.
    """

    found: ResolvedFeatureSet
    online: Online  # with the defaults where the set has none
    features: tuple[ResolvedFeature, ...]
    joins: tuple[ResolvedJoin, ...]
    models: tuple[ResolvedModel, ...]

    @property
    def store_path(self) -> YamlPath:
        """Where the store is named, or would be."""
        return (*self.online.path, "store")


@lru_cache(maxsize=4)
def stored_sets(project: Project) -> tuple[StoredSet, ...]:
    """Every such set, by module; one whose ``online`` is broken is left out."""
    readers = _readers(project)
    found = (_stored(found, readers.get(module, {})) for module, found in sorted(project.sets_by_module.items()))
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=4)
def stored_sets_by_model(project: Project) -> Mapping[str, tuple[StoredSet, ...]]:
    """Those that each model looks features up in, by the model's name."""
    sets: dict[str, list[StoredSet]] = defaultdict(list)
    for found in stored_sets(project):
        for model in found.models:
            sets[model.name].append(found)
    return {name: tuple(found) for name, found in sets.items()}


@lru_cache(maxsize=4)
def store_addresses(project: Project) -> frozenset[str]:
    """Where the stores are, ``sqlite`` among them."""
    return frozenset(found.online.store for found in stored_sets(project))


def _stored(
    found: ResolvedFeatureSet, readers: Mapping[str, tuple[ResolvedModel, list[ResolvedFeature]]]
) -> StoredSet | None:
    online = found.spec.online if found.spec else None
    if online is not None and not is_valid(online):
        return None
    joins = tuple(join for join in found.joins if join.columns)
    windows = {name: [one for one in features if one.kind == "window"] for name, (_, features) in readers.items()}
    models = tuple(model for name, (model, _) in sorted(readers.items()) if joins or windows[name])
    used = {feature.name for features in windows.values() for feature in features}
    if not models:
        return None
    return StoredSet(
        found=found,
        online=online or Online(path=(*found.path, "online")),
        features=tuple(feature for feature in found.features if feature.name in used),
        joins=joins,
        models=models,
    )


def _readers(project: Project) -> dict[str, dict[str, tuple[ResolvedModel, list[ResolvedFeature]]]]:
    """By module, the models that read features of it, by name, each with these features."""
    readers: dict[str, dict[str, tuple[ResolvedModel, list[ResolvedFeature]]]] = defaultdict(dict)
    for name, model in valid_items(project.models):
        for prepared in model.features:
            readers[prepared.feature.module].setdefault(name, (model, []))[1].append(prepared.feature)
    return readers


def store_variables(sets: Iterable[StoredSet]) -> tuple[str, ...]:
    """The secrets and variables that the addresses of the stores take from the environment, sorted."""
    return tuple(sorted({name for found in sets for name in re.findall(r"\$\{(\w+)\}", found.online.store)}))
