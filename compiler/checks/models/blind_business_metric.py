"""A business metric that does not look at the model."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Business, Evaluate
from ...model.resolved import BINARY, Project
from ...model.values import valid_items
from ..base import Check, Surroundings
from ..sections import models

ANSWERS = {"prediction", "score"}


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every business metric whose SQL reads neither what was predicted nor how surely."""
    for model in models(project):
        evaluate = model.spec.evaluate
        if not isinstance(evaluate, Evaluate) or not evaluate.business:
            continue
        typed = {path: expression for path, expression, _problems in model.other_sql}
        for name, metric in valid_items(evaluate.business):
            expression = typed.get(metric.sql.path)
            if expression is not None and not ANSWERS & set(expression.columns):
                yield _finding(name, metric, model.task)


def _finding(name: str, metric: Business, task: str | None) -> Finding:
    such = "count(*) filter (where prediction and not actual)" if task == BINARY else "avg(abs(prediction - actual))"
    return Finding(
        message=f"the business metric '{name}' is the same for every model",
        mark=Mark(path=metric.sql.path, text="reads neither prediction nor score", at="value"),
        help=f"say what the model's answer is worth, such as: {such}",
    )


CHECK = Check(
    code="MLC419",
    title="business metric without a prediction",
    explanation="A business metric is computed on the test rows, where `prediction` and `score` are the model's answer "
    "and `actual` is what came true. One that reads no answer tells something of the rows and nothing of the model: no "
    "gate, threshold or search can go by it.",
    run=find,
    severity=Severity.WARNING,
)
