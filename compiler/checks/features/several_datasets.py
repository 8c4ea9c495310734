"""A model whose feature sets read different datasets."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project, ResolvedFeatureSet
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature set that is not over the dataset of the model's first."""
    for model in specs(project):
        pairs = [(name, project.feature_sets.get(name.name)) for name in model.features]
        known = [(name, found) for name, found in pairs if isinstance(found, ResolvedFeatureSet)]
        first = known[0][1].dataset if known else None
        for name, found in known:
            if first is not None and found.dataset.name != first.name:
                yield Finding(
                    message=f"model '{model.name}' learns from '{first.name}' and '{found.dataset.name}' at once",
                    mark=Mark(path=name.path, text=f"over '{found.dataset.name}'", at="value"),
                    related=(Mark(path=known[0][0].path, text=f"over '{first.name}'", at="value"),),
                    help="join the other one under 'joins' of a feature set, or choose feature sets over one dataset",
                )
        other = model.data is not None and model.data.name in project.spec.data  # else it has been reported
        if model.data is not None and other and first is not None and model.data.name != first.name:
            yield Finding(
                message=f"model '{model.name}' names '{model.data.name}', but its features are over '{first.name}'",
                mark=Mark(path=model.data.path, at="value"),
                help="leave 'data' out: the feature sets say it",
            )


CHECK = Check(
    code="MLC314",
    title="features of several datasets",
    explanation="The rows that a model learns from are the rows of one dataset; all its feature sets are over that "
    "one.",
    run=find,
)
