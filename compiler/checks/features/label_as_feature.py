"""The label, or a column that it is computed from, among the features."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Label
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import models, reads


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature of one row that reads what the label reads."""
    for model in models(project):
        label = model.spec.label
        if model.label is None or not isinstance(label, Label):
            continue
        for feature in (prepared.feature for prepared in model.features):
            both = [name for name in feature.columns if name in model.label.columns]
            if feature.kind != "window" and both:
                yield Finding(
                    message=f"feature '{feature.name}' of model '{model.name}' gives the label away",
                    mark=reads(feature, both[0], f"reads '{both[0]}', as the label does"),
                    related=(Mark(path=label.sql.path, text="the label is computed here"),),
                    help="leave the feature out; a window over earlier rows, with a lag, may read it",
                )


CHECK = Check(
    code="MLC307",
    title="label among the features",
    explanation="A feature that reads a column of the label in the same row lets the model copy the answer. The "
    "metrics look perfect, and in production the column is empty.",
    run=find,
)
