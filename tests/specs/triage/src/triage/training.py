"""How urgent a visit is, by boosted trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def train(  # noqa: PLR0913  (the contract of an entrypoint)
    x: Any,
    y: Any,
    *,
    columns: Sequence[str],  # noqa: ARG001
    categorical: Sequence[str],  # noqa: ARG001
    params: Mapping[str, Any],
    seed: int,
) -> Any:
    """The fitted model."""
    from lightgbm import LGBMClassifier  # noqa: PLC0415  (checking a spec imports nothing)

    return LGBMClassifier(n_estimators=params["trees"], random_state=seed).fit(x, y)
