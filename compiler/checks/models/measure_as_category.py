"""A measurement that is taken for a category."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.data import Column
from ...model.models import Preprocess
from ...model.resolved import Project, ResolvedFeature, ResolvedModel
from ..base import Check, Surroundings
from ..sections import models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every encoding of a number with a fraction, or of a moment, whose values nobody has counted."""
    for model in models(project):
        for prepared in model.features if model.spec.preprocess else ():
            wish, feature = model.spec.preprocess.get(prepared.feature.name), prepared.feature
            if not isinstance(wish, Preprocess) or wish.encode is None or _counted(model, feature):
                continue
            if feature.dtype in ("float", "timestamp"):
                yield Finding(
                    message=f"'{feature.name}' is a {feature.dtype}, and each of its values becomes a category",
                    mark=Mark(path=(*wish.path, "encode"), text="a category for nearly every row"),
                    related=(Mark(path=feature.path, text="the feature"),),
                    help="leave encode out; of a code with few values, say how many: max_distinct: 30",
                )


def _counted(model: ResolvedModel, feature: ResolvedFeature) -> bool:
    """Whether the contract says how many values a feature that is a column has."""
    column = model.dataset.columns.get(feature.name) if model.dataset is not None and feature.kind == "column" else None
    return isinstance(column, Column) and (column.allowed is not None or column.max_distinct is not None)


CHECK = Check(
    code="MLC425",
    title="measurement taken for a category",
    explanation="Encoding turns each value into a category of its own. Of a measurement nearly every row has another "
    "one, so that training remembers rows, and a request brings a value that no row had.",
    run=find,
    severity=Severity.WARNING,
)
