"""What one Feast repository cannot express."""

from __future__ import annotations

from collections.abc import Iterable

from ...checks.stored import stored_sets
from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import TargetFinding
from ..codes import FEAST_JOINS, FEAST_STORES


def findings(project: Project) -> Iterable[TargetFinding]:
    """Feature sets in different online stores, since a repository has one; and joins."""
    first, *others = stored_sets(project)
    for found in (first, *others):
        for join in found.joins:
            yield FEAST_JOINS.found(
                Finding(
                    message=f"'{found.found.name}' joins '{join.name}', which Feast cannot look up for a request",
                    mark=Mark(path=join.spec.path, at="key"),
                    help="keep the features in the built-in store: leave out 'feature_store: feast' of the stack",
                )
            )
    for found in others:
        if found.online.store != first.online.store:
            yield FEAST_STORES.found(
                Finding(
                    message=f"'{found.found.name}' names another online store than '{first.found.name}'; Feast has one",
                    mark=Mark(path=found.online.path),
                    related=(Mark(path=first.online.path, text="the other one"),),
                    help=f'give both the same: store: "{first.online.store}"',
                )
            )
