"""A column that is kept by name although nothing would leave it out."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...suggest import did_you_mean
from ..base import Check, Surroundings
from ..logs import logs, personal_columns
from ..sections import models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every name under ``keep`` that is no personal column of a request."""
    for model in models(project):
        asked = {field.name for field in model.request} & personal_columns(model)
        for log in logs(model.spec):
            for name in log.keep:
                if name.name not in asked and model.dataset is not None:
                    yield Finding(
                        message=f"keeping '{name.name}' changes nothing: it is no personal column of a request",
                        mark=Mark(path=name.path, at="value"),
                        help=did_you_mean(name.name, asked) or _help(sorted(asked)),
                    )


def _help(asked: list[str]) -> str:
    return f"there is: {', '.join(asked)}" if asked else "leave it out: what is not personal is logged anyway"


CHECK = Check(
    code="MLC624",
    title="keep without effect",
    explanation="Columns with `pii: true` are left out of the prediction log, and out of the output of a batch, unless "
    "`keep` names them. A name that is no such column of the request has no effect, and may be a mistyped one.",
    severity=Severity.WARNING,
    run=find,
)
