"""``github-actions``: thin workflows at the Git root; their logic is in ``python -m mlops``."""

from __future__ import annotations

from collections.abc import Iterable

from ...artifact import Artifact, Template, Text
from ..base import Context, TargetFinding
from .batch import batch_view
from .checks import findings
from .ci import ci_view, compiler_requirement
from .deploy import deploy_view
from .features import features_view
from .monitor import monitor_view
from .train import train_view


class GithubActions:
    """The workflows ci and train, and deploy, batch, features and monitor where there is something to run."""

    name = "github-actions"
    serves: tuple[tuple[str, str], ...] = (("ci", "github-actions"), ("alerts", "github-issue"))

    def applies(self, context: Context) -> bool:
        """Whether the stack names it."""
        return context.project.spec.stack.ci == "github-actions"

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """What workflows cannot express."""
        return findings(context)

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The workflows, and the pinned compiler that the one named ci installs."""
        views = {
            "ci": ci_view(context),
            "train": train_view(context),
            "deploy": deploy_view(context),
            "batch": batch_view(context),
            "features": features_view(context),
            "monitor": monitor_view(context),
        }
        for kind, view in views.items():
            if view is not None:
                yield Artifact(
                    path=f".github/workflows/{context.project.spec.project.name}-{kind}.yml",
                    content=Template(name=f"github_actions/{kind}.yml.j2", view=view),
                    root="git",
                )
        yield Artifact(path="mlops/requirements-mlopsc.txt", content=Text(text=compiler_requirement(context.pins)))
