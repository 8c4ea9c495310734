"""Which modules of the runtime this stack uses; they are copied as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifact import Artifact, Copy
from ...checks.stored import SQLITE, stored_sets
from ...model.resolved import Project
from ...model.values import valid_items
from ...resources import template_folder

ALWAYS = ("core", "data", "features", "train")
STORES = {"store_redis.py": "redis", "store_feast.py": "feast"}
"""The modules of online stores, and the store that each is for."""


def runtime_parts(project: Project) -> tuple[str, ...]:
    """The folders of the runtime that are needed: serving and monitoring only where the spec asks for them."""
    deploys = [model.spec.deploy for _, model in valid_items(project.models)]
    serves = any(deploy.api is not None or deploy.batch is not None for deploy in deploys)
    monitors = bool(valid_items(project.monitors))
    return (*ALWAYS, *(("serve",) if serves or monitors else ()), *(("monitor",) if monitors else ()))


def used_stores(project: Project) -> frozenset[str]:
    """What keeps the stored features of the project: ``feast``, else ``sqlite`` or ``redis`` of our own."""
    sets = list(stored_sets(project))
    if sets and project.spec.stack.feature_store == "feast":
        return frozenset({"feast"})
    return frozenset("sqlite" if found.online.store == SQLITE else "redis" for found in sets)


def runtime_files(project: Project) -> Iterator[Artifact]:
    """Every module of those folders, and what stands above them."""
    folder = template_folder() / "python"
    tops = [folder / "mlops" / "__init__.py", folder / "mlops" / "__main__.py"]
    tops.append(folder / "mlops" / "runtime" / "__init__.py")
    parts = [folder / "mlops" / "runtime" / part for part in runtime_parts(project)]
    stores = used_stores(project)
    for path in (*tops, *sorted(path for part in parts for path in part.rglob("*.py"))):
        if path.name in STORES and STORES[path.name] not in stores:
            continue
        relative = path.relative_to(folder).as_posix()
        yield Artifact(path=relative, content=Copy(name=f"python/{relative}"))
