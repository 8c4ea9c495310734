"""A rollout whose steps lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.models import Api, Rollout
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs

NONE, ALL = 0.0, 1.0


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every step that is none, every order that goes back, and steps without the strategy that takes them."""
    for model in specs(project):
        api = model.deploy.api
        if not isinstance(api, Api):
            continue
        rollout = api.rollout
        if rollout.strategy == "replace" and not surroundings.written((*rollout.path, "strategy")):
            yield from _without_strategy(model.name, rollout)
        elif rollout.strategy == "canary":
            yield from _steps(rollout, surroundings)


def _without_strategy(model: str, rollout: Rollout) -> Iterator[Finding]:
    key = "steps" if rollout.steps else "pause"
    if not rollout.steps and rollout.pause is None:
        return
    fix = Edit(mark=Mark(path=rollout.path), action="add", key="strategy", value="canary")
    yield Finding(
        message=f"'{key}' of the rollout of '{model}' has no effect: the strategy is 'replace' unless it is said",
        mark=Mark(path=(*rollout.path, key)),
        help="write: strategy: canary" if rollout.steps else "write: strategy: canary, and steps: [10%, 50%]",
        fix=(fix,) if rollout.steps else (),
    )


def _steps(rollout: Rollout, surroundings: Surroundings) -> Iterator[Finding]:
    path = (*rollout.path, "steps")
    if (*path, len(rollout.steps)) in surroundings.sources.entries:
        return  # a step is broken, and the others have moved up
    for index, step in enumerate(rollout.steps):
        mark = Mark(path=(*path, index), at="value")
        if step in (NONE, ALL):
            why = "it sends nothing to the new version" if step == NONE else "all of it follows by itself"
            alone = len(rollout.steps) == 1
            yield Finding(
                message=f"a step of {step:.0%} is no step: {why}",
                mark=mark,
                help="write shares in between: steps: [10%, 50%]" if alone else "remove it",
                fix=() if alone else (Edit(mark=mark, action="remove"),),
            )
        elif index and NONE < rollout.steps[index - 1] < ALL and step <= rollout.steps[index - 1]:
            inner = sorted({one for one in rollout.steps if NONE < one < ALL})
            yield Finding(
                message=f"step {_share(step)} does not follow {_share(rollout.steps[index - 1])}: each step is larger",
                mark=mark,
                help=f"write: steps: [{', '.join(map(_share, inner))}]",
            )


def _share(fraction: float) -> str:
    return f"{round(fraction * 100, 7):g}%"


CHECK = Check(
    code="MLC610",
    title="rollout that leads nowhere",
    explanation="A canary gets a growing share of the requests, step by step, and then all of them. A step of 0% or "
    "100%, one that is not larger than the one before, and steps under another strategy do not do what they say.",
    run=find,
)
