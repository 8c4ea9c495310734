"""One feature under two names."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project, ResolvedFeature
from ..base import Check, Surroundings
from ..sections import models

Definition = tuple[str, str, tuple[str, ...], int, int]


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature of a model that computes what another one of it computes."""
    for model in models(project):
        first: dict[Definition, ResolvedFeature] = {}
        for feature in (prepared.feature for prepared in model.features):
            if feature.expression is None or feature.expression.constant:
                continue
            other = first.setdefault(_definition(feature, feature.expression.text), feature)
            if other.name.lower() != feature.name.lower():
                yield Finding(
                    message=f"features '{other.name}' and '{feature.name}' are the same",
                    mark=Mark(path=feature.path, text=f"in '{feature.set_name}'"),
                    related=(Mark(path=other.path, text=f"in '{other.set_name}'"),),
                    help="remove one of them: both say the same of every row",
                )


def _definition(feature: ResolvedFeature, text: str) -> Definition:
    """What is computed: the normalised SQL, and for a window whose rows and which."""
    said = feature.feature
    kind = "window" if feature.kind == "window" else "row"
    window, lag = said.window.seconds if said.window else 0, said.lag.seconds if said.lag else 0
    return kind, text, tuple(sorted(name.name for name in said.by)), window, lag


CHECK = Check(
    code="MLC324",
    title="feature under two names",
    explanation="Two features with the same definition have the same value in every row. The second costs time in each "
    "request and splits the weight that a model gives to the first; often one of them was meant to be another.",
    run=find,
    severity=Severity.WARNING,
)
