"""What the template of the definitions sees."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from ...checks.stored import StoredSet, stored_sets
from ...model.resolved import Project, ResolvedFeature
from ...records import record
from ...sql.layout import identifiers

TYPES = {"float": "Float64", "integer": "Int64", "boolean": "Bool"}
"""Feast's types by ours; texts stand for the others, moments among them."""

TIMES = ("event_timestamp", "created")
EVERYTHING = "everything"
IMPORTED = ("os", "timedelta", "Path", "Entity", "FeatureView", "Field", "FileSource", "ValueType", "HISTORY", "ROOT")


@record
class EntityView:
    """One entity: all rows with one value of a column."""

    variable: str
    name: str


@record
class FieldView:
    """One column of a view."""

    name: str
    type: str


@record
class FeatureViewView:
    """The stored features of one set that share their entities."""

    variable: str
    name: str
    set: str
    folder: str
    source: str
    ttl: int  # seconds; 0 is for ever
    entities: tuple[str, ...]  # variables
    schema: tuple[FieldView, ...]
    description: str


@record
class DefinitionsView:
    """The module of definitions."""

    types: tuple[str, ...]
    entities: tuple[EntityView, ...]
    views: tuple[FeatureViewView, ...]


def definitions_view(project: Project) -> DefinitionsView:
    """All that the template sees."""
    groups = [group for found in stored_sets(project) for group in _groups(found)]
    keys = sorted({key for _, features in groups for key in _join_keys(features)})
    variables = identifiers(keys, (*IMPORTED, *TYPES.values(), "String"))
    taken = (*IMPORTED, *TYPES.values(), "String", *variables.values())
    names = identifiers([_name(found, features) for found, features in groups], taken)
    views = tuple(_view(found, features, variables, names) for found, features in groups)
    types = {"String", *(field.type for view in views for field in view.schema)}
    return DefinitionsView(
        types=tuple(sorted(types)),
        entities=tuple(EntityView(variable=variables[key], name=key) for key in keys),
        views=views,
    )


def _groups(found: StoredSet) -> Iterator[tuple[StoredSet, tuple[ResolvedFeature, ...]]]:
    """The features of a set by what they are by, in the order of the spec."""
    by_entity: dict[tuple[str, ...], list[ResolvedFeature]] = {}
    for feature in found.features:
        by_entity.setdefault(_by(feature), []).append(feature)
    for features in by_entity.values():
        yield found, tuple(features)


def _by(feature: ResolvedFeature) -> tuple[str, ...]:
    return tuple(reference.name for reference in feature.feature.by)


def _join_keys(features: tuple[ResolvedFeature, ...]) -> tuple[str, ...]:
    """The columns of the history that say which entity it is, as ``runtime/features/history.py`` names them."""
    taken = {*(feature.name for feature in features), *TIMES}
    columns = _by(features[0])
    return tuple(f"{column}_key" if column in taken else column for column in columns) or (EVERYTHING,)


def _name(found: StoredSet, features: tuple[ResolvedFeature, ...]) -> str:
    """Named after set, entity and definitions: who was trained on other definitions never reads these values."""
    entity = re.sub(r"\W+", "_", "_".join(_by(features[0]))).strip("_") or EVERYTHING
    definitions = [
        (
            feature.name,
            feature.expression.text if feature.expression else "",
            feature.feature.window.seconds if feature.feature.window else 0,
            feature.feature.lag.seconds if feature.feature.lag else 0,
        )
        for feature in features
    ]
    text = json.dumps([found.found.dataset.name, _by(features[0]), definitions])
    return f"{found.found.module}_by_{entity}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _view(
    found: StoredSet, features: tuple[ResolvedFeature, ...], variables: dict[str, str], names: dict[str, str]
) -> FeatureViewView:
    keys, name = _join_keys(features), _name(found, features)
    staleness = found.online.max_staleness
    return FeatureViewView(
        variable=names[name],
        name=name,
        set=found.found.module,
        folder=f"{found.found.module}/history/{name}/*.parquet",
        source=f"{name}_history",
        ttl=staleness.seconds if staleness else 0,
        entities=tuple(variables[key] for key in keys),
        schema=(
            *(FieldView(name=key, type="String") for key in keys),
            *(FieldView(name=one.name, type=TYPES.get(str(one.dtype), "String")) for one in features),
        ),
        description=" ".join((found.found.spec.description if found.found.spec else "").split()),
    )
