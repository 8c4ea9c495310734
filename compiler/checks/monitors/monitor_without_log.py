"""A monitor of predictions that nobody keeps."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Api, Batch
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every monitor of a model whose predictions are not logged at all."""
    for monitor in monitors(project):
        model = monitor.model
        if model is None or monitor.spec.kind == "service":
            continue
        places = [place for place in (model.spec.deploy.api, model.spec.deploy.batch) if place is not None]
        valid = [place for place in places if isinstance(place, Api | Batch)]
        silent = [place for place in valid if place.log_predictions is None or not place.log_predictions.sample]
        if valid and len(silent) == len(places):
            yield Finding(
                message=f"a monitor needs the predictions of '{model.name}', which are not logged",
                mark=Mark(path=monitor.spec.model.path, at="value"),
                related=(Mark(path=(*silent[0].path, "log_predictions"), text="the log is turned off here"),),
                help="log them: log_predictions: {sample: 100%}",
            )


CHECK = Check(
    code="MLC502",
    title="monitor without a prediction log",
    explanation="Drift, performance and quality are computed from the log of predictions. Without it there is nothing "
    "to look at.",
    run=find,
)
