"""What a refund will be, by a forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.ensemble import RandomForestRegressor


def train(  # noqa: PLR0913  (the contract of an entrypoint)
    x: Any,
    y: Any,
    *,
    columns: Sequence[str],  # noqa: ARG001
    categorical: Sequence[str],  # noqa: ARG001
    params: Mapping[str, Any],
    seed: int,
) -> Any:
    """The fitted forest."""
    return RandomForestRegressor(n_estimators=params["trees"], random_state=seed).fit(x, y)
