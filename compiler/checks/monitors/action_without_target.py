"""An action on a breach that reaches nobody."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every alert without a channel, and every retraining that nothing can start."""
    stack = project.spec.stack
    for monitor in monitor_specs(project):
        for action in monitor.on_breach:
            if action.name == "alert" and not stack.alerts:
                yield Finding(
                    message="a breach should alert, but the stack has no channel",
                    mark=Mark(path=action.path, text="reaches nobody", at="value"),
                    help="say where alerts go: stack: {alerts: [github-issue]}",
                )
            if action.name == "retrain" and stack.ci == "none" and stack.orchestrator == "ci":
                yield Finding(
                    message="a breach should retrain, but nothing in the stack can start training",
                    mark=Mark(path=action.path, text="starts nothing", at="value"),
                    related=(Mark(path=("stack", "ci"), text="no CI"),),
                    help="use stack: {ci: github-actions}, or leave retrain out",
                )


CHECK = Check(
    code="MLC503",
    title="action without a target",
    explanation="`alert` goes through the channels of `stack.alerts`, and `retrain` through the training workflow of "
    "the stack. Where there is none, a breach would go unnoticed.",
    run=find,
)
