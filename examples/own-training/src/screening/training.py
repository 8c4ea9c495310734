"""The training function that ``mlops.yaml`` names: a vote of a linear model and a forest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def train(
    x: NDArray[np.float64],
    y: NDArray[Any],
    *,
    columns: list[str],
    categorical: list[int],
    params: dict[str, Any],
    seed: int,
) -> VotingClassifier:
    """Fit both models on ``x`` [biopsies, measurements] and average their probabilities.

    The linear model finds what all measurements say together, the forest what a few extreme ones say; each makes
    its own mistakes, so the average makes fewer.
    """
    del columns, categorical  # every measurement is a number
    linear = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(C=params["penalty"], max_iter=2000),
    )
    forest = make_pipeline(
        SimpleImputer(strategy="median"),
        RandomForestClassifier(n_estimators=params["trees"], random_state=seed),
    )
    vote = VotingClassifier([("linear", linear), ("forest", forest)], voting="soft")
    return vote.fit(x, y)
