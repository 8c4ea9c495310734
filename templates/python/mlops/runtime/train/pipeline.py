# mypy: disable-error-code="import-untyped"
"""What is fitted: the preparation that the spec asks for, then the estimator it names."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from ..core.config import Feature, ModelConfig
from ..core.errors import StepError
from .encode import Encoder

MOST_NATIVE_CATEGORIES = 255
"""scikit-learn's gradient boosting splits on categories as such up to here; above, their codes are numbers."""

ESTIMATOR = "estimator"


def build_pipeline(config: ModelConfig, encoder: Encoder, params: Mapping[str, Any]) -> Pipeline:
    """An unfitted pipeline over the encoded matrix; StepError when the estimator or its parameters do not exist."""
    estimator = import_name(str(config.train.estimator), "estimator")
    known = inspect.signature(estimator).parameters
    given = dict(params)
    if "random_state" in known:
        given.setdefault("random_state", config.train.seed)
    groups = _groups(config.features, encoder, native="categorical_features" in known)
    native = len(groups.get(("native", None, None), []))
    if native and "categorical_features" in known:
        given.setdefault("categorical_features", list(range(native)))
    steps = _steps(groups, config.train.seed)
    try:
        return Pipeline([*steps, (ESTIMATOR, estimator(**given))])
    except TypeError as error:
        reason = str(error).rpartition("() ")[2]
        raise StepError(f"{config.train.estimator}: {reason}", "correct 'params'") from error


def import_name(path: str, what: str) -> Any:
    """The object at an import path (``package.module.name`` or ``package.module:name``)."""
    module, _, name = path.replace(":", ".").rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise StepError(
            f"{what} '{path}': no module '{error.name}'", "install it, or add its folder to 'code'"
        ) from error
    except AttributeError as error:
        raise StepError(f"{what} '{path}': '{module}' has no '{name}'", "correct the import path") from error


Group = tuple[str | None, str | None, str | None]
"""How the columns of a group are prepared: encode, impute, scale."""


def _groups(features: Sequence[Feature], encoder: Encoder, *, native: bool) -> dict[Group, list[int]]:
    """The columns by preparation; those that the estimator treats as categories itself come first."""
    groups: dict[Group, list[int]] = {("native", None, None): []}
    for index, feature in enumerate(features):
        encode = feature.encode if feature.encode in {"onehot", "target"} else None
        words = len(encoder.vocabulary.get(feature.name, {}))
        if native and encode is None and feature.role == "categorical" and words < MOST_NATIVE_CATEGORIES:
            groups["native", None, None].append(index)
        else:
            groups.setdefault((encode, feature.impute, feature.scale), []).append(index)
    return {group: columns for group, columns in groups.items() if columns}


def _target_encoder(seed: int) -> Any:
    """Target encoding, cross-fitted over five shuffled folds so that a row never sees its own label."""
    if _sklearn_version() >= (1, 9):  # from here on the folds are given as an object
        return TargetEncoder(cv=KFold(5, shuffle=True, random_state=seed))
    return TargetEncoder(random_state=seed)


def _sklearn_version() -> tuple[int, ...]:
    return tuple(int(part) for part in sklearn.__version__.split(".")[:2])


def _steps(groups: Mapping[Group, list[int]], seed: int) -> list[tuple[str, Any]]:
    if len(groups) == 1 and next(iter(groups)) in {("native", None, None), (None, None, None)}:
        return []  # nothing to prepare: one row costs a millisecond less
    transformers = [
        ("_".join(filter(None, group)) or "plain", _prepare(group, seed), columns) for group, columns in groups.items()
    ]
    return [("prepare", ColumnTransformer(transformers, sparse_threshold=0.0))]


def _prepare(group: Group, seed: int) -> Any:
    encode, impute, scale = group
    parts: list[Any] = []
    if impute:
        parts.append(SimpleImputer(strategy=impute, keep_empty_features=True))
    if encode == "onehot":
        parts.append(OneHotEncoder(handle_unknown="ignore", sparse_output=False))
    if encode == "target":
        parts.append(_target_encoder(seed))
    if scale:
        parts.append(StandardScaler())
    return make_pipeline(*parts) if parts else "passthrough"  # "native" has no parts either
