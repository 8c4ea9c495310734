# mypy: disable-error-code="import-untyped, import-not-found"
"""Runs in MLflow: an SQLite file in the home unless MLFLOW_TRACKING_URI names a server."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ..core import paths
from ..core.config import ModelConfig
from ..core.errors import StepError
from ..core.files import read_json
from ..core.paths import Work
from .lineage import lineage

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LONGEST = 500


def client() -> mlflow.MlflowClient:
    """MLflow, wherever it is; the embedded store is made, and mended if the home has moved."""
    for noisy in ("alembic", "mlflow.store.db.utils", "mlflow.tracking.fluent"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        folder = paths.mlflow_folder()
        (folder / "artifacts").mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        with _alone(folder):  # two that make the store, or move it to a newer schema, would both fail
            _follow_the_home(folder)
            found = _client(uri)
            found.search_experiments(max_results=1)
            if not os.environ.get("MLFLOW_REGISTRY_URI"):
                found.search_registered_models(max_results=1)
            return found
    return _client(uri)


def _client(uri: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=os.environ.get("MLFLOW_REGISTRY_URI") or uri)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder against other steps; the system lets go of it however this process ends."""
    if fcntl is None:
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def log_run(config: ModelConfig, work: Work) -> str:
    """Track one training: parameters, metrics, slices, verdicts and lineage; the id of its run comes back."""
    tracking = client()
    try:
        run = tracking.create_run(_experiment(tracking, config.project), run_name=config.model)
        run_id = str(run.info.run_id)
        tags = [RunTag(name, value) for name, value in lineage(config, work).items()]
        tracking.log_batch(run_id, metrics=_metrics(work, run.info.start_time), params=_params(work), tags=tags)
        tracking.set_terminated(run_id)
    except (MlflowException, OSError) as error:
        raise unreachable(error) from error
    return run_id


def unreachable(error: Exception) -> StepError:
    """What to say when MLflow does not do what it is asked."""
    where = os.environ.get("MLFLOW_TRACKING_URI") or str(paths.mlflow_folder())
    reason = str(error).strip().splitlines()[0][:LONGEST]
    return StepError(f"MLflow at {where} failed: {reason}", "check MLFLOW_TRACKING_URI and the server")


def _experiment(tracking: mlflow.MlflowClient, project: str) -> str:
    found = tracking.get_experiment_by_name(project)
    if found is not None:
        return str(found.experiment_id)
    embedded = not os.environ.get("MLFLOW_TRACKING_URI")
    location = (paths.mlflow_folder() / "artifacts").as_uri() if embedded else None
    return str(tracking.create_experiment(project, artifact_location=location))


def _params(work: Work) -> list[Param]:
    report = read_json(work.train_report, "train")
    params = {**report["params"], "estimator": report["estimator"], "threshold": report["threshold"]}
    return [Param(name, str(value)[:LONGEST]) for name, value in params.items() if value is not None]


def _metrics(work: Work, at: int) -> list[Metric]:
    report = read_json(work.metrics, "evaluate")
    values: dict[str, Any] = {**report["metrics"], **report["business"]}
    values |= {name: report[name] for name in ("latency_p95_seconds", "model_bytes", "rows")}
    for column, slices in report["slices"].items():
        for value, entry in slices.items():
            values |= {f"{name}/{column}/{_plain(value)}": number for name, number in entry.items()}
    return [Metric(name, float(value), at, 0) for name, value in values.items() if value is not None][:1000]


def _plain(value: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "_-. " else "_" for sign in value)


def _follow_the_home(folder: Path) -> None:
    """Artifacts are stored by absolute address: when the home has come from another machine, correct them."""
    database = folder / "mlflow.db"
    if not database.exists():
        return
    here = (folder / "artifacts").as_uri()
    with closing(sqlite3.connect(database)) as store:
        known = store.execute(
            "SELECT artifact_location FROM experiments WHERE artifact_location LIKE '%/mlflow/artifacts'"
        )
        for (before,) in [row for row in known.fetchall() if row[0] != here]:
            store.execute("UPDATE experiments SET artifact_location = ? WHERE artifact_location = ?", (here, before))
            store.execute("UPDATE runs SET artifact_uri = replace(artifact_uri, ?, ?)", (before, here))
        store.commit()
