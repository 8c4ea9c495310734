"""The feature sets whose features requests take from an online store, as the checks and the targets see them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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


def stored_sets(project: Project) -> Iterator[StoredSet]:
    """Every such set, by module; one whose ``online`` is broken is left out."""
    for module, found in sorted(project.sets_by_module.items()):
        online = found.spec.online if found.spec else None
        if online is not None and not is_valid(online):
            continue
        joins = tuple(join for join in found.joins if join.columns)
        models = tuple(
            model for _, model in sorted(valid_items(project.models)) if _used(model, module, joined=bool(joins))
        )
        used = {feature.name for model in models for feature in _used(model, module)}
        if models:
            yield StoredSet(
                found=found,
                online=online or Online(path=(*found.path, "online")),
                features=tuple(feature for feature in found.features if feature.name in used),
                joins=joins,
                models=models,
            )


def store_variables(sets: Iterable[StoredSet]) -> tuple[str, ...]:
    """The secrets and variables that the addresses of the stores take from the environment, sorted."""
    return tuple(sorted({name for found in sets for name in re.findall(r"\$\{(\w+)\}", found.online.store)}))


def _used(model: ResolvedModel, module: str, *, joined: bool = False) -> list[ResolvedFeature]:
    features = (prepared.feature for prepared in model.features)
    return [feature for feature in features if feature.module == module and (joined or feature.kind == "window")]
