"""Which modules of the runtime this stack uses; they are copied as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifact import Artifact, Copy
from ...model.resolved import Project
from ...model.values import valid_items
from ...resources import template_folder

ALWAYS = ("core", "data", "features", "train")


def runtime_parts(project: Project) -> tuple[str, ...]:
    """The folders of the runtime that are needed: serving and monitoring only where the spec asks for them."""
    deploys = [model.spec.deploy for _, model in valid_items(project.models)]
    serves = any(deploy.api is not None or deploy.batch is not None for deploy in deploys)
    monitors = bool(valid_items(project.monitors))
    return (*ALWAYS, *(("serve",) if serves or monitors else ()), *(("monitor",) if monitors else ()))


def tests_features(project: Project) -> bool:
    """Whether any model computes features from a request, so that a test can prove them the same in both forms."""
    models = [model for _, model in valid_items(project.models)]
    return any(prepared.feature.kind == "sql" for model in models for prepared in model.features)


def runtime_files(project: Project) -> Iterator[Artifact]:
    """Every module of those folders, and what stands above them."""
    folder = template_folder() / "python"
    tops = [folder / "mlops" / "__init__.py", folder / "mlops" / "__main__.py"]
    tops.append(folder / "mlops" / "runtime" / "__init__.py")
    parts = [folder / "mlops" / "runtime" / part for part in runtime_parts(project)]
    parts += [folder / "mlops" / "tests"] if tests_features(project) else []
    for path in (*tops, *sorted(path for part in parts for path in part.rglob("*.py"))):
        relative = path.relative_to(folder).as_posix()
        yield Artifact(path=relative, content=Copy(name=f"python/{relative}"))
