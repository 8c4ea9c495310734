"""A column that its dataset does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...diagnostics import Finding, Mark
from ...model.data import Dataset
from ...model.models import Evaluate, Split
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedModel
from ...model.values import Reference, is_valid
from ...source import Side
from ...suggest import did_you_mean, renamed
from ..base import Check, Surroundings, together
from ..sections import columns, corrected, datasets, feature_sets, features, gates, models, sql_problems


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column, named alone or inside SQL, that is not there; each name once."""
    first: dict[str, Finding] = {}
    for finding in _everywhere(project):
        key = finding.message.partition("'")[2].partition("'")[0] + str(finding.related[:1])
        known = first.setdefault(key, finding)
        if known is not finding:
            again = (replace(finding.mark, text="and here"),) if known.mark != finding.mark else ()
            fix = together(known.fix, finding.fix)
            first[key] = replace(known, related=(*known.related, *again), fix=fix)
    yield from first.values()


def _everywhere(project: Project) -> Iterator[Finding]:
    for dataset in datasets(project):
        yield from (_unknown(name, dataset) for name in _of_dataset(dataset) if name.name not in dataset.columns)
    yield from _in_references(project)
    yield from _in_features(project)
    for found in feature_sets(project):
        yield from _in_joins(found)
    for model in models(project):
        if model.dataset is not None:
            yield from _in_model(model, model.dataset)
    for path, owner, problem, source in sql_problems(project):
        if problem.kind in ("unknown_column", "unknown_table"):
            place, said = (problem.start, problem.end), f"not a column of '{source.name}'" if source else ""
            yield Finding(
                message=f"{problem.message} in {owner}",
                mark=Mark(path=path, text=said, at="value", within=place),
                related=_declared(source),
                help=f"did you mean '{problem.suggestion}'?" if problem.suggestion else _there(source),
                fix=corrected(path, problem),
            )


def _of_dataset(dataset: Dataset) -> Iterator[Reference]:
    yield from dataset.key
    if dataset.time is not None:
        yield dataset.time
    if is_valid(dataset.source) and dataset.source.cursor is not None:
        yield dataset.source.cursor
    yield from (column.known_at for column in columns(dataset) if column.known_at is not None)
    yield from dataset.shown_in_bad_rows
    yield from (check.column for check in dataset.checks if is_valid(check) and check.column is not None)


def _in_references(project: Project) -> Iterator[Finding]:
    for dataset in datasets(project):
        for target in dataset.targets:
            other = project.spec.data.get(target.dataset.name)
            if isinstance(other, Dataset) and target.column.name not in other.columns:
                yield _unknown(target.column, other)


def _in_features(project: Project) -> Iterator[Finding]:
    for found, feature in features(project):
        known = found.dataset.columns
        if feature.kind == "column" and feature.name not in known:
            mark = Mark(path=feature.path, text=f"not a column of '{found.dataset.name}', and has no sql")
            yield Finding(
                message=f"unknown column '{feature.name}', passed through as a feature",
                mark=mark,
                related=_declared(found.dataset),
                help=did_you_mean(feature.name, known) or "give it sql: an expression over the columns",
                fix=renamed(mark, feature.name, known),
            )
        yield from (_unknown(name, found.dataset) for name in feature.feature.by if name.name not in known)


def _in_joins(found: ResolvedFeatureSet) -> Iterator[Finding]:
    own = found.dataset
    for join in found.joins:
        if join.spec.as_of is not None and join.spec.as_of.name not in own.columns:
            yield _unknown(join.spec.as_of, own)
        for pair in join.spec.on:
            if pair.ours.name not in own.columns:
                mapped = pair.ours is not pair.theirs
                yield _unknown(pair.ours, own, at="key" if mapped else "value")
            if pair.theirs.name not in join.dataset.columns:
                yield _unknown(pair.theirs, join.dataset)


def _in_model(model: ResolvedModel, dataset: Dataset) -> Iterator[Finding]:
    spec = model.spec
    raw = [spec.predict_at, spec.split.group if isinstance(spec.split, Split) else None]
    yield from (_unknown(name, dataset) for name in raw if name is not None and name.name not in dataset.columns)
    slices = list(spec.evaluate.slices) if isinstance(spec.evaluate, Evaluate) else []
    slices += [gate.slice for gate in gates(spec) if gate.slice is not None]
    known = {*dataset.columns, *(prepared.feature.name for prepared in model.features)}
    yield from (_unknown(name, dataset) for name in slices if name.name not in known)


def _unknown(name: Reference, dataset: Dataset, *, at: Side = "value") -> Finding:
    mark = Mark(path=name.path, text=f"not a column of '{dataset.name}'", at=at)
    return Finding(
        message=f"unknown column '{name.name}'",
        mark=mark,
        related=_declared(dataset),
        help=did_you_mean(name.name, dataset.columns) or _there(dataset),
        fix=renamed(mark, name.name, dataset.columns),
    )


def _declared(dataset: Dataset | None) -> tuple[Mark, ...]:
    return (Mark(path=dataset.path, text=f"'{dataset.name}' is declared here"),) if dataset else ()


def _there(dataset: Dataset | None) -> str:
    return f"there is: {', '.join(dataset.columns)}" if dataset else "name a column that a dataset of the spec declares"


CHECK = Check(
    code="MLC203",
    title="unknown column",
    explanation="Every column that the spec names has to be declared under the `columns` of its dataset, also inside "
    "SQL. A misspelt one would otherwise be found by the training job, after the data was loaded.",
    run=find,
)
