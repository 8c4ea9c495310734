"""Where everything lies: one place that knows the layout of the project folder and of its home."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import StepError

GENERATED = Path(__file__).resolve().parents[2]
"""The ``mlops`` folder that holds this code."""

VARIED = "MLOPS_VARIED"
"""The variable that is set while ``--params`` varies the configurations."""


def root() -> Path:
    """The project folder, against which every path of a configuration is resolved."""
    return Path(os.environ.get("MLOPS_ROOT") or Path.cwd()).resolve()


def home() -> Path:
    """The folder of everything that the steps write; ``MLOPS_HOME`` moves it."""
    given = os.environ.get("MLOPS_HOME")
    return (root() / given).resolve() if given else root() / ".mlops"


def prepare_home() -> Path:
    """The home, made if need be, with a ``.gitignore`` that keeps it out of every commit."""
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise StepError(f"cannot write to {folder}: {error.strerror}", "MLOPS_HOME can name another folder") from error
    return folder


def in_root(path: str) -> str:
    """``path`` made absolute below the project folder; a URL stays what it is."""
    return path if "://" in path else str(root() / path)


def plan_file() -> Path:
    """What the models share, as the compiler wrote it."""
    return GENERATED / "plan.json"


def config_file(model: str) -> Path:
    """The configuration of ``model``: as the compiler wrote it, unless ``--params`` varies it."""
    varied = varied_config(model)
    return varied if os.environ.get(VARIED) and varied.exists() else compiled_config(model)


def compiled_config(model: str) -> Path:
    """The configuration of ``model``, as the compiler wrote it."""
    return GENERATED / "models" / model / "config.json"


def varied_config(model: str) -> Path:
    """The configuration of ``model`` with other parameters; absent where they are the compiled ones."""
    return home() / "params" / model / "config.json"


def vary() -> None:
    """Let this process take the varied configurations."""
    os.environ[VARIED] = "1"


def model_names() -> list[str]:
    """The models that have a configuration, sorted."""
    return sorted(file.parent.name for file in (GENERATED / "models").glob("*/config.json"))


def logs() -> Path:
    """Where the tracebacks of unexpected failures go."""
    return home() / "logs"


def predictions(model: str) -> Path:
    """The prediction log of ``model``: one folder per UTC date, JSON lines inside."""
    return home() / "predictions" / model


def feature_folder(name: str) -> Path:
    """What refreshes of one feature set leave: its online store where that is a file, and its history."""
    return home() / "features" / name


def online_store(name: str) -> Path:
    """The online store of one feature set, where that is a file of this machine."""
    return feature_folder(name) / "online.sqlite"


def refresh_record(name: str) -> Path:
    """When one feature set was refreshed last, where its online store does not say."""
    return feature_folder(name) / "refresh.json"


def feast_folder() -> Path:
    """What Feast keeps on this machine: its registry, and its online store where that is a file."""
    return home() / "feast"


def kept_rows(model: str, dataset: str) -> Path:
    """What an incremental source of ``model`` has given so far."""
    return home() / "sources" / model / dataset


def monitor_folder(name: str) -> Path:
    """The verdicts and reports of one monitor."""
    return home() / "monitors" / name


def registry_folder(model: str) -> Path:
    """The champion of ``model`` where no registry is used."""
    return home() / "registry" / model


def accepted(model: str, dataset: str) -> Path:
    """How the rows of ``dataset`` were when a run of ``model`` accepted them."""
    return home() / "accepted" / model / f"{dataset}.json"


def mlflow_folder() -> Path:
    """The embedded tracking server: its database and its artifacts."""
    return home() / "mlflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The files that the steps of one model hand to one another."""

    folder: Path

    @classmethod
    def of(cls, model: str) -> Work:
        """The work files of ``model`` in this project's home."""
        return cls(folder=home() / "work" / model)

    def ingested(self, dataset: str) -> Path:
        """The typed rows of ``dataset``."""
        return self.folder / "ingest" / f"{dataset}.parquet"

    @property
    def ingest_report(self) -> Path:
        """Rows, columns and content hash of every dataset."""
        return self.folder / "ingest" / "ingest.json"

    @property
    def validation_report(self) -> Path:
        """The verdict of every rule of the data contract."""
        return self.folder / "validate" / "validation.json"

    @property
    def bad_rows(self) -> Path:
        """The rows that broke a rule, with the rule; absent when there are none."""
        return self.folder / "validate" / "bad_rows.parquet"

    @property
    def suite(self) -> Path:
        """The project of Great Expectations: suites, checkpoints, results and Data Docs."""
        return self.folder / "validate" / "great_expectations"

    @property
    def features(self) -> Path:
        """One row per row of the base dataset: key, time, features, label, raw columns."""
        return self.folder / "features" / "features.parquet"

    @property
    def features_report(self) -> Path:
        """Rows and nulls per feature, labels that are missing."""
        return self.folder / "features" / "features.json"

    def rows(self, part: str) -> Path:
        """The rows of one part of the split: train, validation or test."""
        return self.folder / "split" / f"{part}.parquet"

    @property
    def split_report(self) -> Path:
        """Counts and boundaries of the split."""
        return self.folder / "split" / "split.json"

    @property
    def model(self) -> Path:
        """The fitted pipeline, stored without pickle."""
        return self.folder / "train" / "model.skops"

    @property
    def model_card(self) -> Path:
        """What turns a request into the model's input and its score into a decision."""
        return self.folder / "train" / "model.json"

    @property
    def seen(self) -> Path:
        """Hashes of the rows that the model has learned from; absent when a time says it."""
        return self.folder / "train" / "seen.npy"

    @property
    def train_report(self) -> Path:
        """Rows, parameters and trials of the training."""
        return self.folder / "train" / "train.json"

    @property
    def scored(self) -> Path:
        """The test rows with score, prediction and actual."""
        return self.folder / "evaluate" / "scored.parquet"

    @property
    def metrics(self) -> Path:
        """Every metric, slice and business figure on the test rows."""
        return self.folder / "evaluate" / "metrics.json"

    @property
    def gates(self) -> Path:
        """The verdict of every gate."""
        return self.folder / "gate" / "gates.json"

    @property
    def promoted(self) -> Path:
        """The promotion that this machine made last; absent before the first."""
        return self.folder / "promoted.json"

    @property
    def run(self) -> Path:
        """The run that tracks this training; absent when nothing tracks it."""
        return self.folder / "gate" / "run.json"

    @property
    def candidate(self) -> Path:
        """The package as it is registered, before it knows its version."""
        return self.folder / "register" / "package"

    @property
    def registered(self) -> Path:
        """Name and version under which the model is registered."""
        return self.folder / "register" / "registered.json"

    @property
    def package(self) -> Path:
        """The self-contained model that is deployed; ``MLOPS_PACKAGE`` names another one."""
        given = os.environ.get("MLOPS_PACKAGE")
        return (root() / given).resolve() if given else self.folder / "package"
