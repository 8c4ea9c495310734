"""A rollout that is not over when the next version comes."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Api, Retrain
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..firings import gaps
from ..logs import spelled
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every rollout whose steps together take as long as the time between two trainings, or longer."""
    for model in specs(project):
        api, retrain = model.deploy.api, model.retrain
        if not isinstance(api, Api) or not isinstance(retrain, Retrain) or retrain.schedule is None:
            continue
        rollout, found = api.rollout, gaps(retrain.schedule.cron)
        if rollout.strategy != "canary" or rollout.pause is None or found is None or not rollout.steps:
            continue
        takes, between = rollout.pause.seconds * len(rollout.steps), found[0] * 60
        if takes >= between:
            each = (between - 1) // len(rollout.steps)
            longest = max(60, each // 3600 * 3600 or each // 60 * 60)
            yield Finding(
                message=f"the rollout of '{model.name}' takes {spelled(takes)}, and it is trained every "
                f"{spelled(between)}",
                mark=Mark(path=(*rollout.path, "pause"), at="value"),
                related=(Mark(path=retrain.schedule.path, text="the next version may come before", at="value"),),
                help=f"{len(rollout.steps)} steps leave each at most: pause: {spelled(longest)}; or train less often",
            )


CHECK = Check(
    code="MLC611",
    title="rollout slower than the training",
    explanation="Each step of a rollout is watched for `pause`. When all of them together take as long as the time "
    "from one scheduled training to the next, a version is replaced before it ever gets all requests.",
    severity=Severity.WARNING,
    run=find,
)
