"""A threshold where there is nothing to decide, or one that no score reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.models import Decision
from ...model.resolved import BINARY, Project
from ..base import Check, Surroundings
from ..sections import models


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``decision`` that is not binary, or chosen by a metric that no threshold changes."""
    for model in models(project):
        decision = model.spec.decision
        if not isinstance(decision, Decision) or decision.path not in surroundings.sources.entries:
            continue
        if model.task not in (None, BINARY):
            yield Finding(
                message=f"model '{model.name}' decides by a threshold, but its task is {model.task}",
                mark=Mark(path=decision.path),
                help="leave 'decision' out: only binary classification has a threshold",
            )
            continue
        if decision.threshold == 0:
            yield Finding(
                message=f"model '{model.name}' says yes to every row: each score is at least 0",
                mark=Mark(path=(*decision.path, "threshold"), at="value"),
                help="write: threshold: 0.5, or let a metric choose: threshold: {maximize: f1}",
            )
        chosen = decision.maximize or decision.minimize
        metric = metrics().get(chosen.name) if chosen is not None else None
        if chosen is not None and metric is not None and metric.needs == "score":
            yield Finding(
                message=f"no threshold changes '{chosen.name}', which judges scores",
                mark=Mark(path=chosen.path, at="value"),
                help="choose by a metric of decisions, such as f1, or by a business metric",
            )


CHECK = Check(
    code="MLC408",
    title="decision does not fit",
    explanation="A binary model gives a score; `decision` says from which score on its prediction is true: a number, "
    "or the threshold that is best for a metric of decisions on validation rows.",
    run=find,
)
