"""A dataset that is joined to itself."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import feature_sets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every join of a feature set's own dataset."""
    for found in feature_sets(project):
        for join in found.joins:
            if join.dataset.name == found.dataset.name:
                yield Finding(
                    message=f"'{found.name}' joins '{join.dataset.name}' to itself",
                    mark=Mark(path=join.spec.path),
                    related=(Mark(path=(*found.path, "from"), text="its own dataset", at="value"),),
                    help="look at earlier rows with a window: {aggregate: avg(…), by: […], window: 7d, lag: 1d}",
                )


CHECK = Check(
    code="MLC338",
    title="dataset joined to itself",
    explanation="The rows of a dataset that came before a row are what windows are for: they never see the row itself, "
    "nor its future. A join of a dataset to itself would go in a circle.",
    run=find,
)
