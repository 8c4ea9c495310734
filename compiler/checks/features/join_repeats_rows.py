"""A join that could find several rows for one."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedJoin
from ..base import Check, Surroundings
from ..sections import feature_sets
from .join_without_time import as_of_settings


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every join on columns that do not tell the rows of the joined dataset apart."""
    for found in feature_sets(project):
        for join in found.joins:
            names = [pair.theirs.name for pair in join.spec.on]
            if not all(name in join.dataset.columns for name in names) or _single(join, names):
                continue
            timed = surroundings.written((*join.dataset.path, "time")) or as_of_settings(join)  # said elsewhere
            if join.time is not None or not timed:
                yield _finding(found, join, names)


def _single(join: ResolvedJoin, names: list[str]) -> bool:
    """Whether at most one row has these values, or one at each time."""
    columns = (join.dataset.columns.get(name) for name in names)
    if any(isinstance(column, Column) and column.unique for column in columns):
        return True
    key = {name.name for name in join.dataset.key}
    if join.time is not None:
        return key <= {*names, join.time}  # without a key the data decides, and the step looks
    return bool(key) and key <= set(names)


def _finding(found: ResolvedFeatureSet, join: ResolvedJoin, names: list[str]) -> Finding:
    there = join.dataset
    key = [name.name for name in there.key]
    more = [name for name in key if name not in names and name != join.time]
    said = ", ".join(f"'{name}'" for name in names)
    once = f"has several rows of one {said}" if not key else f"has one row for each {_listed(key)}"
    when = " at one time" if join.time is not None else ""
    return Finding(
        message=f"join '{join.name}' of '{found.name}' may find several rows of '{there.name}' for one{when}",
        mark=Mark(path=(*join.spec.path, "on"), text=once if key else "not its key"),
        related=(Mark(path=(*there.path, "key") if key else there.path, text="its key" if key else "has no key"),),
        help=f"join on {_listed(more)} as well"
        if more
        else f"say what tells its rows apart: key: [{', '.join(names)}]",
    )


def _listed(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


CHECK = Check(
    code="MLC333",
    title="join that may repeat rows",
    explanation="Each row takes one row of the joined dataset, so that no row is lost and none is there twice. Without "
    "a time the join columns have to be the key of that dataset, or one of them `unique`; with a time they and the "
    "time have to hold the key.",
    run=find,
)
