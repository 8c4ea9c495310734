"""A feature that the model does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Api, Batch
from ...model.resolved import Project, ResolvedModel
from ...model.values import Invalid, Reference, is_valid
from ...suggest import did_you_mean, renamed, suggest
from ..base import Check, Surroundings
from ..sections import models, monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature that preprocessing, a log or a monitor names in vain."""
    for model in models(project):
        if not _complete(project, model):
            continue
        for name, prepared in model.spec.preprocess.items():
            if is_valid(prepared) and name not in _names(project, model) and name not in _meant(model):
                yield _unknown(project, prepared.column, model, at_key=True)
        asked = {*_names(project, model), *(field.name for field in model.request), *_broken(model)}
        yield from (_unknown(project, name, model) for name in _redacted(model) if name.name not in asked)
    for monitor in monitors(project):
        if monitor.model is not None and _complete(project, monitor.model):
            known = _names(project, monitor.model)
            for column in monitor.spec.columns or ():
                if monitor.spec.kind == "data-quality":
                    yield from _not_asked(column, monitor.model)
                elif column.name not in known and column.name not in _meant(monitor.model):
                    yield _unknown(project, column, monitor.model)


def _not_asked(column: Reference, model: ResolvedModel) -> Iterator[Finding]:
    """The contract of the data is kept, or not, by the raw columns of a request."""
    asked = [field.name for field in model.request]
    if column.name not in asked and all(feature.feature.dtype for feature in model.features):
        yield Finding(
            message=f"no request to '{model.name}' has a column '{column.name}'",
            mark=Mark(path=column.path, text="not a raw column that features read", at="value"),
            help=did_you_mean(column.name, asked) or f"there is: {', '.join(asked)}",
        )


def _complete(project: Project, model: ResolvedModel) -> bool:
    """Whether every feature set of the model is known, so that a missing feature is missing indeed."""
    sets = [project.feature_sets.get(reference.name) for reference in model.spec.features]
    return model.dataset is not None and all(found is not None and not isinstance(found, Invalid) for found in sets)


def _names(project: Project, model: ResolvedModel) -> set[str]:
    """The model's features, broken ones too."""
    written = [project.spec.features.get(reference.name) for reference in model.spec.features]
    names = {prepared.feature.name for prepared in model.features}
    return names.union(*(found.columns for found in written if found is not None and is_valid(found)))


def _broken(model: ResolvedModel) -> set[str]:
    """The columns that could not be read, any of which a request may have."""
    return {name for name, column in (model.dataset.columns if model.dataset else {}).items() if not is_valid(column)}


def _meant(model: ResolvedModel) -> set[str | None]:
    """What mistyped columns among the features stand for; they have been reported."""
    known = model.dataset.columns if model.dataset else {}
    passed = (prepared.feature for prepared in model.features if prepared.feature.kind == "column")
    return {suggest(feature.name, known) for feature in passed if feature.name not in known}


def _redacted(model: ResolvedModel) -> Iterator[Reference]:
    for place in (model.spec.deploy.api, model.spec.deploy.batch):
        if isinstance(place, Api | Batch) and place.log_predictions is not None:
            yield from place.log_predictions.redact


def _unknown(project: Project, name: Reference, model: ResolvedModel, *, at_key: bool = False) -> Finding:
    known = _names(project, model)
    mark = Mark(path=name.path, text=f"not a feature of '{model.name}'", at="key" if at_key else "value")
    return Finding(
        message=f"unknown feature '{name.name}'",
        mark=mark,
        help=did_you_mean(name.name, known) or f"there is: {', '.join(sorted(known))}",
        fix=renamed(mark, name.name, known),
    )


CHECK = Check(
    code="MLC206",
    title="unknown feature",
    explanation="Preprocessing, redaction and drift monitors name features of the model: the columns of its feature "
    "sets. A monitor of data quality names raw columns of the request, since the contract is about those.",
    run=find,
)
