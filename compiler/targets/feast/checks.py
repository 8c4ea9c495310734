"""What one Feast repository cannot express."""

from __future__ import annotations

from collections.abc import Iterable

from ...checks.stored import stored_sets
from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import TargetFinding
from ..codes import FEAST_STORES


def findings(project: Project) -> Iterable[TargetFinding]:
    """Feature sets in different online stores: a repository has one."""
    first, *others = list(stored_sets(project))
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
