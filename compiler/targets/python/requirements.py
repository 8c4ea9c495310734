"""What each role of a project has to install: lower bounds by role and stack, nothing that it does not use."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ...checks.stored import SQLITE, stored_sets
from ...model.models import Train, Tune
from ...model.resolved import Project, ResolvedModel
from ...model.values import is_valid, valid_items

BOUNDS = {
    "adlfs": ">=2024.7",
    "alembic": ">=1.13",
    "cronsim": ">=2.6",
    "duckdb": ">=1.4",
    "fastapi": ">=0.115",
    "feast": ">=0.67,<1",
    "feast[duckdb]": ">=0.67,<1",
    "feast[duckdb,redis]": ">=0.67,<1",
    "feast[redis]": ">=0.67,<1",
    "gcsfs": ">=2024.6",
    "lightgbm": ">=4.5",
    "mlflow-skinny": ">=3.4",
    "numpy": ">=2",
    "optuna": ">=4",
    "oras": ">=0.2",
    "pandas": ">=2.2",
    "pandera": ">=0.26",
    "pyarrow": ">=18,<26",
    "redis": ">=5",
    "s3fs": ">=2024.6",
    "scikit-learn": ">=1.7",
    "scipy": ">=1.14",
    "skops": ">=0.13",
    "sqlalchemy": ">=2",
    "tzdata": ">=2024.1",
    "uvicorn": ">=0.30",
    "xgboost": ">=2.1",
}
"""The oldest versions that the generated code is tested to need."""

CLOUD = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}


def train(project: Project, model: ResolvedModel) -> str:
    """The requirements of the steps of one model."""
    stack = project.spec.stack
    wanted = {"duckdb", "numpy", "pyarrow", "scikit-learn", "skops"}
    wanted |= _estimator(model) | _storage(project) | _sources(project)
    if stack.data_quality == "pandera":
        wanted |= {"pandas", "pandera"}
    if "mlflow" in {stack.tracking, stack.registry}:
        wanted |= {"alembic", "mlflow-skinny", "pandas", "sqlalchemy"}
    if isinstance(model.spec.tune, Tune):
        wanted.add("optuna")
    return _lines(wanted, project.spec.project.requirements)


def serve(project: Project, model: ResolvedModel) -> str:
    """The requirements of the service and of batch scoring of one model."""
    wanted = {"duckdb", "numpy", "scikit-learn", "skops", *_estimator(model)}
    if model.spec.deploy.api is not None:
        wanted |= {"fastapi", "uvicorn"}
    if model.spec.deploy.batch is not None:
        wanted |= {"pyarrow", *_storage(project), *_sources(project)}
    if any(prepared.feature.kind == "window" for prepared in model.features):
        wanted |= _stores(project)
    return _lines(wanted, project.spec.project.requirements)


def monitor(project: Project) -> str:
    """The requirements of all monitors."""
    kinds = {found.spec.kind for _, found in valid_items(project.monitors)}
    wanted = {"cronsim", "duckdb", "numpy", "tzdata", *_storage(project)}
    if "data-drift" in kinds:
        wanted.add("scipy")
    if "performance" in kinds:
        wanted |= {"scikit-learn", "skops", *_sources(project)}
    if "data-quality" in kinds:
        wanted |= {"pandas", "pandera"}
    if project.spec.stack.registry == "mlflow":  # the package of the version that answered may be there only
        wanted |= {"alembic", "mlflow-skinny", "pandas", "sqlalchemy"}
    return _lines(wanted, ())


def features(project: Project) -> str:
    """The requirements of the job that refreshes stored features."""
    wanted = {"duckdb", *_storage(project), *_sources(project), *_stores(project, offline=True)}
    return _lines(wanted, project.spec.project.requirements)


def _stores(project: Project, *, offline: bool = False) -> set[str]:
    """What reads and writes the online stores; Feast's own store over the history only where it is refreshed."""
    redis = any(found.online.store != SQLITE for found in stored_sets(project))
    if project.spec.stack.feature_store != "feast":
        return {"redis"} if redis else set()
    extras = [*(["duckdb"] if offline else []), *(["redis"] if redis else [])]
    return {f"feast[{','.join(extras)}]" if extras else "feast", "pandas"}


def _estimator(model: ResolvedModel) -> set[str]:
    train = model.spec.train
    path = train.estimator.name if isinstance(train, Train) and train.estimator else ""
    return {path.split(".")[0]} & {"lightgbm", "xgboost"}


def _sources(project: Project) -> set[str]:
    """What reading a database needs; its driver is a requirement of the project's own."""
    sources = (dataset.source for _, dataset in valid_items(project.spec.data))
    return {"pyarrow", "sqlalchemy"} if any(is_valid(one) and one.kind == "sql" for one in sources) else set()


def _storage(project: Project) -> set[str]:
    """What ``state pull`` and ``state push`` need: on GitHub the default home is the container registry."""
    url = project.spec.storage.url if project.spec.storage else None
    if url is None:
        return {"oras"} if project.spec.stack.ci == "github-actions" else set()
    scheme = urlsplit(url).scheme
    if scheme.startswith("oci"):
        return {"oras"}
    return {CLOUD[scheme]} if scheme in CLOUD else set()


def _lines(wanted: Iterable[str], own: Iterable[str]) -> str:
    """One requirement per line, sorted; the user's own come last, as they wrote them."""
    found = set(wanted)
    bounds = BOUNDS | {"pandas": ">=2.2,<3"} if any(name.startswith("feast") for name in found) else BOUNDS
    return "".join(f"{line}\n" for line in (*sorted(name + bounds[name] for name in found), *own))
