"""A comparison with a champion that nobody keeps."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import gates, specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every gate against the champion in a stack without a registry."""
    if project.spec.stack.registry != "none":
        return
    for model in specs(project):
        for gate in gates(model):
            if gate.kind == "champion":
                yield Finding(
                    message="a gate compares with the champion, but the stack keeps no models",
                    mark=Mark(path=(*gate.path, "vs"), at="value"),
                    related=(Mark(path=("stack", "registry"), text="no registry"),),
                    help="use stack: {registry: mlflow}, or a gate with min or max",
                )


CHECK = Check(
    code="MLC411",
    title="champion without a registry",
    explanation="The champion is the version that the registry says is in production. Without a registry there is "
    "none to compare with.",
    run=find,
)
