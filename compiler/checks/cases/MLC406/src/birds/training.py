"""How we train."""

from sklearn.ensemble import ExtraTreesClassifier


def train(x, y, *, columns, categorical, params, seed):
    """A fitted forest."""
    return ExtraTreesClassifier(**params, random_state=seed).fit(x, y)
