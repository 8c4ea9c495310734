"""An online store inside one machine, behind a service that runs on several."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Api
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..stored import SQLITE, StoredSet, stored_sets

STORE = 'store: "${REDIS_URL}"'


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every SQLite store that a service of several processes would read."""
    for found in stored_sets(project):
        if found.online.store == SQLITE:
            known = any(name.name == "REDIS_URL" for name in (*project.spec.secrets, *project.spec.variables))
            yield from _spread(found, surroundings, "" if known else ", and at the top:\nsecrets: [REDIS_URL]")


def _spread(found: StoredSet, surroundings: Surroundings, declared: str) -> Iterator[Finding]:
    written = surroundings.written(found.store_path)
    write = STORE if surroundings.written(found.online.path) else f"online: {{{STORE}}}"
    for model in found.models:
        api = model.spec.deploy.api
        if not isinstance(api, Api) or api.replicas <= 1:
            continue
        replicas = Mark(path=(*api.path, "replicas"), text=f"{api.replicas} of them", at="value")
        stored = Mark(path=found.store_path, at="value") if written else Mark(path=found.found.path, at="key")
        yield Finding(
            message=f"the online store of '{found.found.name}' is a file of one machine, and '{model.name}' runs on "
            "several",
            mark=stored,
            related=(replicas,),
            help=f"keep it in Redis: {write}{declared}",
        )


CHECK = Check(
    code="MLC340",
    title="online store of one machine for several replicas",
    explanation="`sqlite` is a file that a refresh replaces on one machine. Every replica would read a file of its "
    "own, and answer the same request from values of another age. Redis is one store for all of them. The lines to "
    "write are in the help; the workflows hand the secret to the job that refreshes, and the service needs it too.",
    run=find,
)
