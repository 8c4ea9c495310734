"""Preprocessing that does not fit the type of a feature."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Preprocess
from ...model.resolved import PreparedFeature, Project, ResolvedModel
from ...resolve.tasks import estimator_of
from ..base import Check, Surroundings
from ..sections import models

FOR_NUMBERS = ("median", "mean")


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every mean of words, and every scale of categories."""
    for model in models(project):
        for feature in model.features:
            wish = model.spec.preprocess.get(feature.feature.name)
            if not isinstance(wish, Preprocess) or feature.feature.dtype is None:
                continue
            if feature.feature.dtype == "string" and wish.impute in FOR_NUMBERS:
                yield Finding(
                    message=f"'{feature.feature.name}' is a string, which has no {wish.impute}",
                    mark=Mark(path=(*wish.path, "impute")),
                    help="write impute: most_frequent, or impute: none",
                )
            if feature.role == "categorical" and wish.scale == "standard":
                yield Finding(
                    message=f"'{feature.feature.name}' is categorical, so there is nothing to scale",
                    mark=Mark(path=(*wish.path, "scale")),
                    help="leave scale out",
                )
            if wish.impute == "none":
                yield from _gaps(model, feature, wish)


def _gaps(model: ResolvedModel, prepared: PreparedFeature, wish: Preprocess) -> Iterator[Finding]:
    """Nulls that are left in, of an estimator that takes none; columns and targets have a category for them."""
    estimator, feature = estimator_of(model.spec), prepared.feature
    nullable = feature.kind == "window" or (feature.expression is not None and feature.expression.nullable)
    if estimator is not None and not estimator.missing and nullable and prepared.encode in (None, "ordinal"):
        instead = "most_frequent" if feature.dtype in ("string", "boolean") else "median"
        yield Finding(
            message=f"'{feature.name}' may be null, and '{estimator.path.rpartition('.')[2]}' takes no nulls",
            mark=Mark(path=(*wish.path, "impute"), at="value"),
            related=(Mark(path=feature.path, text="the feature"),),
            help=f"write: impute: {instead}",
        )


CHECK = Check(
    code="MLC410",
    title="preprocessing does not fit",
    explanation="Numbers are imputed by a median or mean and scaled; categories are encoded, and imputed by the most "
    "frequent one.",
    run=find,
)
