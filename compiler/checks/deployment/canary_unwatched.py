"""A canary that nobody watches."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Api
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import monitor_specs, specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every canary without a service monitor, or without the time to look at it."""
    complete = all(is_valid(monitor) for monitor in project.spec.monitors.values())
    watched = {monitor.model.name for monitor in monitor_specs(project) if monitor.kind == "service"}
    for model in specs(project):
        rollout = model.deploy.api.rollout if isinstance(model.deploy.api, Api) else None
        if rollout is None or rollout.strategy != "canary":
            continue
        if complete and model.name not in watched:
            yield Finding(
                message=f"nothing watches the canary of '{model.name}'",
                mark=Mark(path=(*rollout.path, "strategy"), text="no service monitor of the model", at="value"),
                help=f"add one: monitors: {{{model.name}-health: {{model: {model.name}, kind: service, "
                f'schedule: "*/15 * * * *", latency_p99: 250ms, error_rate: 1%, on_breach: [alert]}}}}',
            )
        if rollout.pause is None and not surroundings.written((*rollout.path, "pause")):
            yield Finding(
                message=f"the canary of '{model.name}' goes on without a pause",
                mark=Mark(path=(*rollout.path, "steps"), text="no step is watched for any time"),
                help="say how long each step is watched: pause: 10m",
            )


CHECK = Check(
    code="MLC612",
    title="canary without a watch",
    explanation="A canary is a small share of the requests that shows whether a new version is fit for all. It shows "
    "that to somebody only with a monitor of kind `service`, and with a `pause` in which errors can happen.",
    severity=Severity.WARNING,
    run=find,
)
