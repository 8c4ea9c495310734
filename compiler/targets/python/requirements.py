"""What each role of a project has to install: lower bounds by role and stack, nothing that it does not use."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ...checks.stored import SQLITE, store_addresses
from ...model.models import Train, Tune
from ...model.resolved import Project, ResolvedModel
from ...model.values import is_valid, valid_items

BOUNDS = {
    "adbc-driver-postgresql": ">=1.1",
    "adlfs": ">=2024.7",
    "aiohttp": ">=3.10",
    "alembic": ">=1.13",
    "cronsim": ">=2.6",
    "duckdb": ">=1.4",
    "fastapi": ">=0.115",
    "feast": ">=0.67,<1",
    "feast[duckdb]": ">=0.67,<1",
    "feast[duckdb,redis]": ">=0.67,<1",
    "feast[redis]": ">=0.67,<1",
    "fsspec": ">=2024.6",
    "great-expectations": ">=1.24,<2",
    "gcsfs": ">=2024.6",
    "hypothesis": ">=6.100",
    "lightgbm": ">=4.5",
    "mlflow-skinny": ">=3.4",
    "numpy": ">=2",
    "optuna": ">=4",
    "oras": ">=0.2",
    "pandas": ">=2.2",
    "pandera": ">=0.26",
    "psycopg[binary]": ">=3.2",
    "pyarrow": ">=18,<26",
    "pytest": ">=8",
    "pyyaml": ">=6",
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


OBJECTS = {
    "abfs": ("adlfs", "pyarrow"),
    "az": ("adlfs", "pyarrow"),
    "gcs": ("pyarrow",),  # which has this store and Amazon's built in
    "gs": ("pyarrow",),
    "http": ("aiohttp", "fsspec", "pyarrow"),
    "https": ("aiohttp", "fsspec", "pyarrow"),
    "s3": ("pyarrow",),
}
"""What reads a source by the scheme of its path."""

DATABASES = {
    "postgres": ("adbc-driver-postgresql",),
    "postgresql": ("adbc-driver-postgresql",),
    "postgresql+psycopg": ("psycopg[binary]", "sqlalchemy"),
}
"""What reads a source by the scheme of its url."""


def train(project: Project, model: ResolvedModel) -> str:
    """The requirements of the steps of one model."""
    stack = project.spec.stack
    wanted = {"duckdb", "numpy", "pyarrow", "scikit-learn", "skops"}
    wanted |= _estimator(model) | _storage(project) | _sources(project)
    wanted |= {"pandas", *_quality(project)}
    if "mlflow" in {stack.tracking, stack.registry}:
        wanted |= {"alembic", "mlflow-skinny", "pandas", "sqlalchemy"}
    if isinstance(model.spec.tune, Tune):
        wanted.add("optuna")
    if stack.data_versioning == "dvc":
        wanted.add("pyyaml")  # reads params.yaml
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
        wanted |= {"pandas", "pyarrow", *_quality(project)}
    if project.spec.stack.registry == "mlflow":  # the package of the version that answered may be there only
        wanted |= {"alembic", "mlflow-skinny", "pandas", "sqlalchemy"}
    return _lines(wanted, ())


def features(project: Project) -> str:
    """The requirements of the job that refreshes stored features."""
    wanted = {"duckdb", *_storage(project), *_sources(project), *_stores(project, offline=True)}
    return _lines(wanted, project.spec.project.requirements)


def _stores(project: Project, *, offline: bool = False) -> set[str]:
    """What reads and writes the online stores; Feast's own store over the history only where it is refreshed."""
    redis = bool(store_addresses(project) - {SQLITE})
    if project.spec.stack.feature_store != "feast":
        return {"redis"} if redis else set()
    extras = [*(["duckdb"] if offline else []), *(["redis"] if redis else [])]
    return {f"feast[{','.join(extras)}]" if extras else "feast", "pandas"}


def _quality(project: Project) -> set[str]:
    """What checks the contracts of the data."""
    return {project.spec.stack.data_quality} & {"great-expectations", "pandera"}


def test() -> str:
    """The requirements of the tests of the compiled features."""
    return _lines({"duckdb", "hypothesis", "pytest"}, ())


def _estimator(model: ResolvedModel) -> set[str]:
    train = model.spec.train
    path = train.estimator.name if isinstance(train, Train) and train.estimator else ""
    return {path.split(".")[0]} & {"lightgbm", "xgboost"}


def _sources(project: Project) -> set[str]:
    """What reading the sources needs; drivers of other databases are requirements of the project's own."""
    wanted: set[str] = set()
    for _, dataset in valid_items(project.spec.data):
        if is_valid(dataset.source) and dataset.source.kind == "sql":
            wanted |= {"pyarrow", *_database(dataset.source.url or "")}
        elif is_valid(dataset.source):
            wanted |= set(OBJECTS.get(urlsplit(dataset.source.location or "").scheme, ()))
    return wanted


def _database(url: str) -> tuple[str, ...]:
    scheme, found, _ = url.partition("://")
    if not found:  # the whole address is a secret: whatever can be read without a driver of the user's own
        return ("adbc-driver-postgresql", "sqlalchemy")
    return DATABASES.get(scheme, ("sqlalchemy",))


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
