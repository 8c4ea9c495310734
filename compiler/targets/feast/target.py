"""``feast``: a Feast repository over the history of the stored features; the runtime refreshes it and looks it up."""

from __future__ import annotations

from collections.abc import Iterable

from ...artifact import Artifact, Json, Template, Tree
from ...checks.stored import SQLITE, stored_sets
from ...model.resolved import Project
from ..base import Context, TargetFinding
from .checks import findings
from .views import definitions_view

FOLDER = "mlops/feast"
COMMENT = """\

`python -m mlops features refresh` applies the definitions beside this file and materialises them. To use Feast's own
commands as well, from the project folder:

  export FEAST_HOME="$PWD/.mlops/feast"
  feast --chdir mlops/feast feature-views list"""
REDIS_COMMENT = """

FEAST_REDIS is the address of the online store in Feast's own spelling, such as redis:6379,db=0"""


class Feast:
    """``feature_store.yaml`` and the definitions: DuckDB reads the history, SQLite or Redis answers requests."""

    name = "feast"
    serves: tuple[tuple[str, str], ...] = (("feature_store", "feast"),)

    def applies(self, context: Context) -> bool:
        """Whether the stack names it and any feature is stored."""
        return uses_feast(context.project)

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """What one Feast repository cannot express."""
        return findings(context.project)

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The repository."""
        project = context.project
        online, comment = _online(project)
        yield Artifact(
            path=f"{FOLDER}/feature_store.yaml", content=Tree(data=_settings(project, online), comment=comment)
        )
        view = definitions_view(project)
        yield Artifact(path=f"{FOLDER}/definitions.py", content=Template(name="feast/definitions.py.j2", view=view))


def uses_feast(project: Project) -> bool:
    """Whether Feast keeps any feature of the project."""
    return project.spec.stack.feature_store == "feast" and bool(stored_sets(project))


def _settings(project: Project, online: dict[str, Json]) -> Json:
    return {
        "project": project.spec.project.name.replace("-", "_"),
        "provider": "local",
        "registry": "${FEAST_HOME}/registry.db",
        "offline_store": {"type": "duckdb"},
        "online_store": online,
        "entity_key_serialization_version": 3,
    }


def _online(project: Project) -> tuple[dict[str, Json], str]:
    sets = stored_sets(project)
    if sets[0].online.store == SQLITE:
        return {"type": "sqlite", "path": "${FEAST_HOME}/online.db"}, COMMENT
    limits = [found.online.max_staleness.seconds for found in sets if found.online.max_staleness]
    # Twice what may be served, so that a refresh may fail; thirty days where a set has no limit.
    kept = max(2 * max(limits), DAY) if len(limits) == len(sets) else 30 * DAY
    redis: dict[str, Json] = {
        "type": "redis",
        "connection_string": "${FEAST_REDIS}",
        "key_ttl_seconds": kept,
        "skip_dedup": True,  # a refresh of the same moment corrects its values
    }
    return redis, COMMENT + REDIS_COMMENT


DAY = 24 * 3600
