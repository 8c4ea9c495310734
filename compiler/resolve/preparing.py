"""What is done to each feature before the estimator, where the spec does not say: it follows from type and family."""

from __future__ import annotations

from ..catalogue import Estimator
from ..model.models import Model, Preprocess
from ..model.resolved import PreparedFeature, ResolvedFeature

TAKES_ANYTHING = ("hist-gradient-boosting", "boosting", "dummy")
"""Families that split on codes and know missing values."""

TAKES_CODES = (*TAKES_ANYTHING, "trees")
"""Families for which the codes of categories are as good as columns of their own."""

NEEDS_SCALE = ("linear", "neighbours", "kernel", "neural")
"""Families that weigh features by their size."""


def prepared(feature: ResolvedFeature, model: Model, estimator: Estimator | None) -> PreparedFeature:
    """The feature as ``model`` takes it; the user's own function gets everything as it is."""
    family = estimator.family if estimator else "boosting"
    said = model.preprocess.get(feature.name)
    wish = said if isinstance(said, Preprocess) else None
    categorical = feature.dtype == "string" or (wish is not None and wish.encode is not None)
    role = "categorical" if categorical else "numeric"
    encode, impute, scale = _defaults(feature, family, role)
    return PreparedFeature(
        feature=feature,
        role=role,
        encode=(wish.encode if wish and wish.encode else encode) if categorical else None,
        impute=_told(wish.impute if wish else None, impute),
        scale=_told(wish.scale if wish else None, scale),
    )


def _defaults(feature: ResolvedFeature, family: str, role: str) -> tuple[str | None, str | None, str | None]:
    gaps = feature.kind == "window" or feature.expression is None or feature.expression.nullable
    discrete = role == "categorical" or feature.dtype == "boolean"
    impute = None
    if gaps and family not in TAKES_ANYTHING:
        impute = "most_frequent" if discrete else "median"
    scale = "standard" if family in NEEDS_SCALE and not discrete else None
    encode = "ordinal" if family in TAKES_CODES else "onehot"
    return encode if role == "categorical" else None, impute, scale


def _told(said: str | None, default: str | None) -> str | None:
    if said is None:
        return default
    return None if said == "none" else said
