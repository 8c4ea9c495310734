"""Which columns of which dataset something reads; what cannot be known counts as read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model.data import Column, Dataset
from ..model.models import Batch, Evaluate, Label, Split
from ..model.resolved import Project, ResolvedFeature, ResolvedModel
from ..model.values import Invalid, Reference, is_valid, valid_items
from .sections import columns, datasets, feature_sets, gates, models, monitors

WORD = re.compile(r"\w+")


def all_known(project: Project) -> bool:
    """Whether every definition could be built, so that nothing reads more than what is seen here."""
    spec = project.spec
    sections = (spec.data, spec.features, spec.models, spec.monitors, project.feature_sets, project.models)
    whole = all(is_valid(found) for section in sections for found in section.values())
    parts = [part for model in models(project) for part in _parts(model)]
    parts += [part for dataset in datasets(project) for part in (*dataset.columns.values(), *dataset.checks)]
    parts += [column.references for dataset in datasets(project) for column in columns(dataset)]
    parts += [
        part for _, found in valid_items(spec.features) for part in (*found.columns.values(), *found.joins.values())
    ]
    return whole and not any(isinstance(part, Invalid) for part in parts)


def _parts(model: ResolvedModel) -> Iterator[object]:
    spec = model.spec
    yield from (spec.label, spec.split, spec.train, spec.evaluate, spec.tune, spec.decision)
    yield from (*spec.preprocess.values(), *spec.gates)
    yield from (spec.deploy.api, spec.deploy.batch, spec.deploy.edge)
    yield from spec.evaluate.business.values() if isinstance(spec.evaluate, Evaluate) else ()


def words(text: str) -> set[str]:
    """The words of an SQL text, in small letters as SQL compares them."""
    return {word.lower() for word in WORD.findall(text)}


def columns_read(project: Project) -> dict[str, set[str]]:
    """By dataset, the names of the columns that something reads, in small letters."""
    read: dict[str, set[str]] = {dataset.name: set(_by_contract(dataset)) for dataset in datasets(project)}
    texts = [
        check.violations.text for d in datasets(project) for check in d.checks if is_valid(check) and check.violations
    ]
    everywhere = set().union(*map(words, texts)) if texts else set()
    for target in (target for dataset in datasets(project) for target in dataset.targets):
        read.setdefault(target.dataset.name, set()).add(target.column.name)
    for found in feature_sets(project):
        own = read.setdefault(found.dataset.name, set())
        for feature in found.features:
            own |= _by_feature(feature)
        for join in found.joins:
            own |= {pair.ours.name for pair in join.spec.on} | {join.as_of or ""}
            read.setdefault(join.dataset.name, set()).update(join.columns, (pair.theirs.name for pair in join.spec.on))
    for model in models(project):
        if model.dataset is not None:
            read[model.dataset.name] |= _by_model(model)
    for model in models(project):
        _hand_on(read, model, model.spec.deploy.batch.input if isinstance(model.spec.deploy.batch, Batch) else None)
    for monitor in monitors(project):
        if monitor.model is not None:
            _hand_on(read, monitor.model, monitor.spec.labels)
    return {name: {column.lower() for column in found} | everywhere for name, found in read.items()}


def _hand_on(read: dict[str, set[str]], model: ResolvedModel, other: Reference | None) -> None:
    """A dataset that is scored, or that brings labels, is read as the model's own one is."""
    if other is not None and other.name in read and model.dataset is not None:
        read[other.name] |= read[model.dataset.name]


def _by_contract(dataset: Dataset) -> Iterator[str]:
    yield from (name.name for name in dataset.key)
    if dataset.time is not None:
        yield dataset.time.name
    if is_valid(dataset.source) and dataset.source.cursor is not None:
        yield dataset.source.cursor.name
    for column in columns(dataset):
        if column.known_at is not None:
            yield column.known_at.name
        if _ruled(column):
            yield column.name
    yield from (check.column.name for check in dataset.checks if is_valid(check) and check.column is not None)


def _ruled(column: Column) -> bool:
    """Whether the contract says more of it than its type: such a column is checked in every run."""
    rules = (
        *(column.min, column.max, column.min_length, column.max_length, column.allowed, column.pattern),
        *(column.min_distinct, column.max_distinct, column.references, column.available_after),
    )
    return not column.nullable or column.unique or column.pii or any(rule is not None for rule in rules)


def _by_feature(feature: ResolvedFeature) -> set[str]:
    text = feature.feature.aggregate or feature.feature.sql
    unread = words(text.text) if feature.expression is None and text is not None else set()
    return {feature.name if feature.kind == "column" else "", *feature.columns} | unread


def _by_model(model: ResolvedModel) -> set[str]:
    spec, named = model.spec, [model.spec.predict_at]
    if isinstance(spec.split, Split):
        named.append(spec.split.group)
    if isinstance(spec.evaluate, Evaluate):
        named += spec.evaluate.slices
    named += [gate.slice for gate in gates(spec)]
    found = {name.name for name in named if name is not None}
    typed = [(spec.label.sql.text, model.label)] if isinstance(spec.label, Label) else []
    for text, expression in typed:
        found |= set(expression.columns) if expression is not None else words(text)
    return found.union(*(_of_sql(expression.columns if expression else None) for _, expression, _ in model.other_sql))


def _of_sql(read: Iterable[str] | None) -> set[str]:
    return set(read or ())


def datasets_read(project: Project) -> set[str]:
    """The names of the datasets that something reads."""
    found = {feature_set.source.name for _, feature_set in valid_items(project.spec.features)}
    for _, feature_set in valid_items(project.spec.features):
        found |= {join.dataset.name for _, join in valid_items(feature_set.joins)}
    for model in models(project):
        found |= {model.dataset.name} if model.dataset is not None else set()
        found |= {model.spec.data.name} if model.spec.data is not None else set()
        batch = model.spec.deploy.batch
        found |= {batch.input.name} if isinstance(batch, Batch) else set()
    for name, dataset in valid_items(project.spec.data):
        found |= {target.dataset.name for target in dataset.targets if target.dataset.name != name}
    return found | {monitor.spec.labels.name for monitor in monitors(project) if monitor.spec.labels is not None}
