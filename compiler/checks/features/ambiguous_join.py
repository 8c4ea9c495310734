"""A join whose name could mean something else."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedJoin, ResolvedModel
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import feature_sets, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every join whose name stands for a dataset, a column, or another join of the same model as well."""
    for found in feature_sets(project):
        for join in found.joins:
            yield from _of_set(found, join)
    said: set[YamlPath] = set()
    for model in models(project):
        for finding in _of_model(model):
            if finding.mark.path not in said:
                said.add(finding.mark.path)
                yield finding


def _of_set(found: ResolvedFeatureSet, join: ResolvedJoin) -> Iterator[Finding]:
    """A name that is the set's own dataset, or makes a column that this one has already."""
    own, other = found.dataset, f"{{dataset: {join.dataset.name}, …}}"
    same = [name for name in join.dataset.columns if f"{join.name}.{name}" in own.columns]
    if join.name.lower() == own.name.lower() and join.dataset.name != own.name:
        yield Finding(
            message=f"'{join.name}' is the dataset of '{found.name}' and a join at once",
            mark=Mark(path=join.spec.path),
            related=(Mark(path=own.path, text="the dataset is declared here"),),
            help=f"give the join a name of its own, such as: other_{join.name}: {other}",
        )
    elif same:
        said = f"{join.name}.{same[0]}"
        yield Finding(
            message=f"'{said}' is a column of '{own.name}' and of the join '{join.name}'",
            mark=Mark(path=join.spec.path),
            related=(Mark(path=own.columns[said].path, text="declared here"),),
            help=f"give the join another name, such as: the_{join.name}: {other}",
        )


def _of_model(model: ResolvedModel) -> Iterator[Finding]:
    """A name that two feature sets of one model give to different joins."""
    first: dict[str, ResolvedJoin] = {}
    for join in model.joins:
        other = first.setdefault(join.name, join)
        if _definition(join) != _definition(other):
            yield Finding(
                message=f"model '{model.name}' has two joins '{join.name}'",
                mark=Mark(path=join.spec.path, text=f"in '{join.spec.path[1]}'"),
                related=(Mark(path=other.spec.path, text=f"in '{other.spec.path[1]}'"),),
                help="give one of them another name, or write them alike",
            )


def _definition(join: ResolvedJoin) -> object:
    spec = join.spec
    on = tuple((pair.ours.name, pair.theirs.name) for pair in spec.on)
    lag = spec.lag.seconds if spec.lag is not None else 0
    return join.dataset.name, on, join.as_of, lag, spec.max_age.seconds if spec.max_age is not None else None


CHECK = Check(
    code="MLC337",
    title="ambiguous name of a join",
    explanation="`name.column` in SQL is a column of the join `name`. A dataset of the same name, a column that is "
    "called so, or another join of that name in a model that uses both, would make it a guess which one is meant.",
    run=find,
)
