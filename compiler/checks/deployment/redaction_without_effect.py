"""A redaction that hides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project, ResolvedFeature
from ..base import Check, Surroundings
from ..logs import logs
from ..sections import models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every redacted name that is a computed feature and no field of the request."""
    for model in models(project):
        computed = {item.feature.name: item.feature for item in model.features if item.feature.kind != "column"}
        asked = {field.name for field in model.request}
        for log in logs(model.spec):
            for name in log.redact:
                feature = computed.get(name.name)
                if feature is not None and name.name not in asked:
                    yield Finding(
                        message=f"redacting '{name.name}' hides nothing: it is computed, and no field of the request",
                        mark=Mark(path=name.path, text="would be logged all the same", at="value"),
                        related=(Mark(path=feature.path, text=f"'{name.name}' is computed here"),),
                        help=_help(feature),
                    )


def _help(feature: ResolvedFeature) -> str:
    if feature.kind == "window" or not feature.columns:
        return "leave it out; a feature over other rows cannot be redacted"
    return f"redact what it is computed from: redact: [{', '.join(feature.columns)}]"


CHECK = Check(
    code="MLC613",
    title="redaction without effect",
    explanation="`redact` names raw columns of the request. They are left out of the log, and with them every feature "
    "that is computed from them. The name of a computed feature is no raw column: its value would be logged, although "
    "the spec looks as if it were not.",
    run=find,
)
