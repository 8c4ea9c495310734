"""A monitor of a model that predicts nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every monitor of a model with neither an API nor batch scoring."""
    for monitor in monitors(project):
        model = monitor.model
        if model is None:
            continue
        deploy = model.spec.deploy
        if deploy.api is None and deploy.batch is None:
            yield Finding(
                message=f"a monitor watches '{model.name}', which is not deployed",
                mark=Mark(path=monitor.spec.model.path, text="predicts nowhere", at="value"),
                related=(Mark(path=model.spec.path, text=f"'{model.name}' is declared here"),),
                help=f"deploy it: {model.name}: {{deploy: {{api: {{port: 8080}}}}}}",
            )
        elif monitor.spec.kind == "service" and deploy.api is None:
            yield Finding(
                message=f"monitor '{monitor.spec.name}' watches a service, but '{model.name}' has no API",
                mark=Mark(path=monitor.spec.model.path, at="value"),
                help="add deploy.api, or remove the monitor: a batch has neither latency nor errors",
            )


CHECK = Check(
    code="MLC501",
    title="monitor of a model that is not deployed",
    explanation="Monitors look at what a model predicts in production. A model without `deploy` predicts nothing "
    "there.",
    run=find,
)
