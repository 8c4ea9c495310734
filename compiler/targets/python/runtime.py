"""Which modules of the runtime this stack uses; they are copied as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifact import Artifact, Copy
from ...checks.stored import SQLITE, stored_sets
from ...model.resolved import Project
from ...model.values import is_valid, valid_items
from ...resources import template_folder

ELSEWHERE = frozenset({"database", "drivers", "increment", "objects"})
"""Modules of ``data`` that only some sources need."""

ALWAYS = ("core", "data", "features", "train")
STORES = {"store_redis": "redis", "store_feast": "feast"}
"""The modules of online stores, and the store that each is for."""
BACKENDS = {"pandera": "by_pandera", "great-expectations": "by_great_expectations"}
"""By word of the stack, the module that checks the contracts of the data; the others are not copied."""


def runtime_parts(project: Project) -> tuple[str, ...]:
    """The folders of the runtime that are needed: serving and monitoring only where the spec asks for them."""
    deploys = [model.spec.deploy for _, model in valid_items(project.models)]
    serves = any(deploy.api is not None or deploy.batch is not None for deploy in deploys)
    monitors = bool(valid_items(project.monitors))
    return (*ALWAYS, *(("serve",) if serves or monitors else ()), *(("monitor",) if monitors else ()))


def used_stores(project: Project) -> frozenset[str]:
    """What keeps the stored features of the project: ``feast``, else ``sqlite`` or ``redis`` of our own."""
    sets = stored_sets(project)
    if sets and project.spec.stack.feature_store == "feast":
        return frozenset({"feast"})
    return frozenset("sqlite" if found.online.store == SQLITE else "redis" for found in sets)


def tests_features(project: Project) -> bool:
    """Whether any model computes features from a request, so that a test can prove them the same in both forms."""
    models = [model for _, model in valid_items(project.models)]
    return any(prepared.feature.kind == "sql" for model in models for prepared in model.features)


def runtime_files(project: Project) -> Iterator[Artifact]:
    """The modules of those folders that the project uses, and what stands above them."""
    folder = template_folder() / "python"
    tops = [folder / "mlops" / "__init__.py", folder / "mlops" / "__main__.py"]
    tops.append(folder / "mlops" / "runtime" / "__init__.py")
    parts = [folder / "mlops" / "runtime" / part for part in runtime_parts(project)]
    parts += [folder / "mlops" / "tests"] if tests_features(project) else []
    unused = {module for word, module in BACKENDS.items() if word != project.spec.stack.data_quality}
    unused |= {module for module, store in STORES.items() if store not in used_stores(project)}
    unused |= ELSEWHERE - _source_modules(project)
    unused |= {"params"} if project.spec.stack.data_versioning != "dvc" else set()
    modules = sorted(path for part in parts for path in part.rglob("*.py") if path.stem not in unused)
    for path in (*tops, *modules):
        relative = path.relative_to(folder).as_posix()
        yield Artifact(path=relative, content=Copy(name=f"python/{relative}"))


def _source_modules(project: Project) -> set[str]:
    """What reads the sources of the spec beyond files of this machine."""
    wanted = set()
    for _, dataset in valid_items(project.spec.data):
        if not is_valid(dataset.source):
            continue
        if dataset.source.kind == "sql":
            wanted |= {"database", "drivers"}
        elif "://" in (dataset.source.location or "") or (dataset.source.location or "").startswith("${"):
            wanted.add("objects")
        if dataset.source.since is not None:
            wanted.add("increment")
    return wanted
