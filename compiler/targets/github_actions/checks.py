"""What workflows cannot express."""

from __future__ import annotations

from collections.abc import Iterable

from ...diagnostics import Finding, Mark
from ...model.environments import Environment
from ...model.resolved import Project
from ...model.values import is_valid, valid_items
from ..base import Context, TargetFinding
from ..codes import ENVIRONMENT, RETRAIN_LIMIT

RUNNERS = ("default",)


def findings(context: Context) -> Iterable[TargetFinding]:
    """Limits that nothing counts, and settings of environments that reach no file."""
    yield from _limits(context.project)
    for name, environment in valid_items(context.project.spec.environments):
        for key in _lost(environment):
            yield ENVIRONMENT.found(
                Finding(
                    message=f"'{key}' of environment '{name}' has no effect on GitHub Actions yet",
                    mark=Mark(path=(*environment.path, key)),
                    help="remove it; what works today: approval, runs_on.default",
                )
            )


def _limits(project: Project) -> Iterable[TargetFinding]:
    for name, model in sorted(valid_items(project.models)):
        retrain = model.spec.retrain
        if retrain is not None and is_valid(retrain) and retrain.max_per_week is not None:
            yield RETRAIN_LIMIT.found(
                Finding(
                    message=f"'max_per_week' of model '{name}' is not enforced on GitHub Actions yet",
                    mark=Mark(path=(*retrain.path, "max_per_week")),
                    help="choose a schedule, and a cooldown for each monitor, that keep to it",
                )
            )


def _lost(environment: Environment) -> Iterable[str]:
    if environment.namespace is not None:
        yield "cluster"
    if environment.auth:
        yield "auth"
    if environment.prometheus is not None:
        yield "prometheus"
    if any(role not in RUNNERS for role, _ in environment.runs_on):
        yield "runs_on"
    if environment.overrides:
        yield "set"
