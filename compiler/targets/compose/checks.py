"""What one machine with compose cannot express."""

from __future__ import annotations

from collections.abc import Iterable

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import TargetFinding
from ..codes import COMPOSE
from ..deployed import served


def findings(project: Project) -> Iterable[TargetFinding]:
    """Rollouts in steps and replicas: both need something that balances requests."""
    for item in served(project):
        rollout, api, name = item.api.rollout, item.api, item.model.name
        if rollout.strategy != "replace":
            yield COMPOSE.found(
                Finding(
                    message=f"compose cannot roll out '{name}' by '{rollout.strategy}'",
                    mark=Mark(path=rollout.path),
                    help="remove 'rollout': a new version then replaces the old one",
                )
            )
        if api.replicas > 1:
            yield COMPOSE.found(
                Finding(
                    message=f"compose runs one container of '{name}', not {api.replicas}",
                    mark=Mark(path=(*api.path, "replicas")),
                    help="remove 'replicas'",
                )
            )
