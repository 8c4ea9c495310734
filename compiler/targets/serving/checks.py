"""What the built-in service cannot express."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...model.values import is_valid, valid_items
from ..base import TargetFinding
from ..codes import EDGE, ONLINE_STORE, SERVER
from ..deployed import served

SERVERS = ("fastapi",)
STORE = re.compile(r"sqlite|rediss?://.+|\$\{\w+\}.*")


def findings(project: Project) -> Iterable[TargetFinding]:
    """Servers, stores and exports that no target makes yet."""
    yield from _servers(project)
    yield from _stores(project)
    yield from _edges(project)


def _servers(project: Project) -> Iterable[TargetFinding]:
    for item in served(project):
        if item.api.server not in SERVERS:
            yield SERVER.found(
                Finding(
                    message=f"unsupported server '{item.api.server}' for model '{item.model.name}'",
                    mark=Mark(path=(*item.api.path, "server"), at="value"),
                    help=f"what works today: {', '.join(SERVERS)}",
                )
            )


def _stores(project: Project) -> Iterable[TargetFinding]:
    for name, features in sorted(valid_items(project.spec.features)):
        online = features.online
        if online is not None and is_valid(online) and not STORE.fullmatch(online.store):
            yield ONLINE_STORE.found(
                Finding(
                    message=f"unsupported online store '{online.store}' for features '{name}'",
                    mark=Mark(path=(*online.path, "store"), at="value"),
                    help='what works today: sqlite, or the address of a Redis server: "${REDIS_URL}", redis://host:6379/0',
                )
            )


def _edges(project: Project) -> Iterable[TargetFinding]:
    for name, model in sorted(valid_items(project.models)):
        edge = model.spec.deploy.edge
        if edge is not None and is_valid(edge):
            yield EDGE.found(
                Finding(
                    message=f"unsupported deployment 'edge' of model '{name}'",
                    mark=Mark(path=edge.path),
                    help="remove it; what works today: api, batch",
                )
            )
