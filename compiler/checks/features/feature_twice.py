"""Two features of one model with the same name, or a name that generated files use themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project, ResolvedFeature
from ..base import Check, Surroundings
from ..sections import features, models

RESERVED = ("__", "raw__")


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every feature whose column would already be there."""
    for _set, feature in features(project):
        if feature.name.startswith(RESERVED):
            yield Finding(
                message=f"feature '{feature.name}' has a name that files of features use themselves",
                mark=Mark(path=feature.path),
                help="choose a name that begins with neither __ nor raw__",
            )
    for model in models(project):
        first: dict[str, ResolvedFeature] = {}
        for feature in (prepared.feature for prepared in model.features):
            other = first.setdefault(feature.name.lower(), feature)
            plain = other.kind == feature.kind == "column" and other.set_name == feature.set_name
            if other is not feature and other.path != feature.path and not plain:
                yield Finding(
                    message=f"model '{model.name}' has two features '{feature.name}'",
                    mark=Mark(path=feature.path, text=f"in '{feature.set_name}'"),
                    related=(Mark(path=other.path, text=f"and in '{other.set_name}'"),),
                    help="rename one of them; upper and lower case are the same name in SQL",
                )


CHECK = Check(
    code="MLC311",
    title="feature defined twice",
    explanation="The features of a model are the columns of one table, so their names differ, and not by case alone.",
    run=find,
)
