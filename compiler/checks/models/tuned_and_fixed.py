"""A parameter that is given, and searched for elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...diagnostics import Edit, Finding, Mark, Severity
from ...model.models import SearchSpace, Train, Tune
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every value of ``params`` that the search replaces, and never tries."""
    for model in specs(project):
        if isinstance(model.train, Train) and isinstance(model.tune, Tune):
            for name, value in model.train.params.items():
                space = model.tune.space.get(name)
                if isinstance(space, SearchSpace) and not _tries(space, value):
                    yield _finding(model.train, space, name, value)


def _tries(space: SearchSpace, value: Any) -> bool:
    """Whether the search can come upon ``value``; what is no number is compared with the choices alone."""
    if space.kind == "choice":
        return value in space.choices
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return not number or space.low is None or space.high is None or space.low <= value <= space.high


def _finding(train: Train, space: SearchSpace, name: str, value: Any) -> Finding:
    params = (*train.path, "params")
    gone = params if len(train.params) == 1 else (*params, name)
    return Finding(
        message=f"'{name}' is given as {value}, which its search never tries",
        mark=Mark(path=(*params, name), text="not used: every trial sets its own"),
        related=(Mark(path=(*space.path, space.kind), text="what is tried"),),
        help=f"remove '{name}' from params, or widen the search",
        fix=(Edit(mark=Mark(path=gone), action="remove"),),
    )


CHECK = Check(
    code="MLC417",
    title="parameter given and tuned",
    explanation="Each trial of the search sets the parameters of its space, over those of `train.params`, and the "
    "final model takes the best trial's. A given value that the search can come upon is a starting point; one that it "
    "never tries contradicts it.",
    run=find,
    severity=Severity.WARNING,
)
