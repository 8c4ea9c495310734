"""A drift method that cannot compare a column."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.monitors import Monitor
from ...model.resolved import PreparedFeature, Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import monitors

COMPARES = {"ks": "numeric", "wasserstein": "numeric", "chi2": "categorical"}
"""The methods that cannot take every column, each with the role that it can."""
WORDS = {"numeric": "numbers", "categorical": "categories"}
INSTEAD = {"numeric": "psi or chi2", "categorical": "psi or ks"}


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column that a monitor names and its method cannot take, and every monitor of all columns without one."""
    for monitor in monitors(project):
        spec, model = monitor.spec, monitor.model
        wanted = COMPARES.get(spec.method)
        if model is None or spec.kind != "data-drift" or wanted is None:
            continue
        if spec.columns is None:
            yield from _none_of_all(spec, model, wanted)
        features = {prepared.feature.name: prepared for prepared in model.features}
        for name in spec.columns or ():
            feature = features.get(name.name)
            if feature is not None and not _fits(feature, wanted):
                yield Finding(
                    message=f"'{spec.method}' compares {WORDS[wanted]}, and '{name.name}' has none",
                    mark=Mark(path=name.path, at="value"),
                    help=f"use {INSTEAD[wanted]}",
                )


def _fits(feature: PreparedFeature, wanted: str) -> bool:
    """Whether it has the role; true and false are two categories as well."""
    return feature.role == wanted or (wanted == "categorical" and feature.feature.dtype == "boolean")


def _none_of_all(monitor: Monitor, model: ResolvedModel, wanted: str) -> Iterator[Finding]:
    typed = [feature for feature in model.features if feature.feature.dtype is not None]
    if typed and len(typed) == len(model.features) and not any(_fits(feature, wanted) for feature in typed):
        yield Finding(
            message=f"'{monitor.method}' compares {WORDS[wanted]}, and no feature of '{model.name}' has any",
            mark=Mark(path=(*monitor.path, "method"), at="value"),
            help=f"use {INSTEAD[wanted]}",
        )


CHECK = Check(
    code="MLC506",
    title="drift method does not fit the column",
    explanation="The Kolmogorov-Smirnov and Wasserstein distances compare numbers, chi-squared compares categories, "
    "and the population stability index compares both. Without `columns` a monitor watches every feature; the method "
    "then has to fit one of them at least.",
    run=find,
)
