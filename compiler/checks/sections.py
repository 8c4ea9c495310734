"""The parts of a project that several checks go through, without those that are ``Invalid``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostics import Edit, Finding, Mark
from ..model.data import Column, Dataset
from ..model.models import Evaluate, Gate, Model
from ..model.monitors import Monitor
from ..model.resolved import Project, ResolvedFeature, ResolvedFeatureSet, ResolvedModel, ResolvedMonitor
from ..model.values import Reference, Schedule, is_valid, valid_items
from ..source import YamlPath
from ..sql.tree import SqlProblem
from ..suggest import did_you_mean, renamed


def datasets(project: Project) -> list[Dataset]:
    """The datasets."""
    return [dataset for _, dataset in valid_items(project.spec.data)]


def columns(dataset: Dataset) -> list[Column]:
    """The columns of a dataset."""
    return [column for _, column in valid_items(dataset.columns)]


def feature_sets(project: Project) -> list[ResolvedFeatureSet]:
    """The feature sets over known datasets, implicit ones too."""
    return [found for _, found in valid_items(project.feature_sets)]


def features(project: Project) -> Iterator[tuple[ResolvedFeatureSet, ResolvedFeature]]:
    """Every feature with its set."""
    for found in feature_sets(project):
        for feature in found.features:
            yield found, feature


def specs(project: Project) -> list[Model]:
    """The models as written."""
    return [model for _, model in valid_items(project.spec.models)]


def models(project: Project) -> list[ResolvedModel]:
    """The models."""
    return [model for _, model in valid_items(project.models)]


def monitors(project: Project) -> list[ResolvedMonitor]:
    """The monitors."""
    return [monitor for _, monitor in valid_items(project.monitors)]


def monitor_specs(project: Project) -> list[Monitor]:
    """The monitors as written."""
    return [monitor for _, monitor in valid_items(project.spec.monitors)]


def gates(model: Model) -> list[Gate]:
    """The gates of a model."""
    return [gate for gate in model.gates if is_valid(gate)]


def business(model: Model) -> set[str]:
    """The names of a model's business metrics, broken ones too."""
    return set(model.evaluate.business) if isinstance(model.evaluate, Evaluate) else set()


def schedules(project: Project) -> Iterator[Schedule]:
    """Every schedule of the spec."""
    for _, found in valid_items(project.spec.features):
        if found.online is not None and is_valid(found.online) and found.online.refresh is not None:
            yield found.online.refresh
    for model in specs(project):
        batch = model.deploy.batch
        if model.retrain is not None and is_valid(model.retrain) and model.retrain.schedule is not None:
            yield model.retrain.schedule
        if batch is not None and is_valid(batch) and batch.schedule is not None:
            yield batch.schedule
    yield from (monitor.schedule for monitor in monitor_specs(project))


def sql_problems(project: Project) -> Iterator[tuple[YamlPath, str, SqlProblem, Dataset | None]]:
    """Every problem of an SQL text: the text's path, what it belongs to, the problem, the dataset that it reads."""
    for found, feature in features(project):
        text = feature.feature.aggregate or feature.feature.sql
        for problem in feature.problems:
            if text is not None:
                yield text.path, f"feature '{feature.name}'", problem, found.dataset
    for model in models(project):
        label = model.spec.label
        for problem in model.label_problems:
            if is_valid(label):
                yield label.sql.path, f"the label of model '{model.name}'", problem, model.dataset
        for path, _, problems in model.other_sql:
            yield from ((path, f"model '{model.name}'", problem, model.dataset) for problem in problems)
    for path, problems in project.table_sql:
        yield from ((path, f"a check of '{path[1]}'", problem, None) for problem in problems)


def reads(feature: ResolvedFeature, column: str, text: str) -> Mark:
    """The place where a feature reads a column: inside its SQL, or its name where it is the column."""
    sql = feature.feature.sql
    place = place_of(column, sql.text) if sql is not None else None
    if sql is None or place is None:
        return Mark(path=feature.path, text=text)
    return Mark(path=sql.path, text=text, at="value", within=place)


def place_of(column: str, sql: str) -> tuple[int, int] | None:
    """Where the name of a column first stands in an SQL text, outside of constants."""
    for found in re.finditer(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+", sql):
        if found[0].strip('"').replace('""', '"').lower() == column.lower() and not found[0].startswith("'"):
            return found.span()
    return None


def corrected(path: YamlPath, problem: SqlProblem) -> tuple[Edit, ...]:
    """The fix of a mistyped name inside the SQL at ``path``, where only one can be meant."""
    place = Mark(path=path, at="value", within=(problem.start, problem.end))
    return (Edit(mark=place, value=problem.suggestion),) if problem.certain else ()


def time_to_name(dataset: Dataset) -> str:
    """What to write where a dataset needs a time: its first column that holds a moment, or how to declare one."""
    moments = [
        column.name for column in columns(dataset) if column.type in ("timestamp", "date") and not column.nullable
    ]
    return f"time: {moments[0]}" if moments else "time: the name of a timestamp column"


def unknown(kind: str, reference: Reference, known: Iterator[str] | list[str] | dict[str, object]) -> Finding:
    """The finding that nothing of this kind has the name."""
    names = list(known)
    there = f"there is: {', '.join(names)}" if names else f"the spec defines no {kind}"
    mark = Mark(path=reference.path, text=f"no {kind} has this name", at="value")
    return Finding(
        message=f"unknown {kind} '{reference.name}'",
        mark=mark,
        help=did_you_mean(reference.name, names) or there,
        fix=renamed(mark, reference.name, names),
    )
