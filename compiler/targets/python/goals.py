"""Which direction of a metric is better."""

from __future__ import annotations

from ...catalogue import metrics
from ...model.models import Business, Evaluate
from ...model.resolved import ResolvedModel


def goal_of(metric: str, model: ResolvedModel) -> str:
    """``maximize`` or ``minimize``: a business metric says so itself, the others stand in the catalogue."""
    evaluate = model.spec.evaluate
    business = evaluate.business.get(metric) if isinstance(evaluate, Evaluate) else None
    return business.goal if isinstance(business, Business) else metrics()[metric].goal
