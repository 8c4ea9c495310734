"""The compiled pipeline under DVC itself: what it runs, what it leaves alone, and what it keeps elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from benchmarks.peers import QUIET

pytestmark = pytest.mark.peer

SPEC = """\
version: 1
project: {name: penguins}
stack: {data_versioning: dvc, tracking: none, registry: none, ci: none}
storage: {url: ../remote}
data:
  penguins:
    source: data/penguins.csv
    columns:
      species: string
      island: string
      bill_length_mm: float?
      flipper_length_mm: float?
      body_mass_g: {type: float, nullable: true, min: 1000}
features:
  measures:
    from: penguins
    columns:
      island: {}
      flipper_length_mm: {}
      bill: {sql: "bill_length_mm / 10"}
models:
  penguin-species:
    features: [measures]
    label: species
    split: {by: random, test: 20%, validation: 10%}
    train: {estimator: sklearn.linear_model.LogisticRegression, params: {C: 1.0, max_iter: 500}}
    gates: [{metric: accuracy, min: 0.8}]
"""
WORK = Path(".mlops/work/penguin-species/register")
AUTHOR = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
STEPS = ["ingest", "validate", "features", "split", "train", "evaluate", "gate", "register", "package"]
FROM_TRAINING = ["train", "evaluate", "gate", "register", "package"]


@dataclass(frozen=True)
class Pipeline:
    """A compiled project and the two programs that run it."""

    folder: Path
    dvc: Path

    def do(self, *command: str | Path, code: int = 0) -> str:
        """Run a command here, with the steps' Python first on the path; its output comes back."""
        path = os.pathsep.join([str(Path(sys.executable).parent), str(self.dvc.parent), os.environ["PATH"]])
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS"))}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env={**env, **QUIET, "PATH": path, "MLOPSC_PYTHON": sys.executable, "GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def repro(self) -> list[str]:
        """The steps that ``dvc repro`` runs."""
        return re.findall(r"Running stage 'penguin-species-(\w+)'", self.do(self.dvc, "repro"))

    def run(self) -> list[str]:
        """The steps that ``mlopsc run`` runs: those whose line has seconds."""
        said = self.do(sys.executable, "-m", "mlopsc", "run")
        return re.findall(r"^penguin-species  (\w+) +[0-9.]+ s", said, re.MULTILINE)

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file; the spec is compiled again."""
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        if file == "mlops.yaml":
            self.do(sys.executable, "-m", "mlopsc", "compile")


@pytest.fixture(scope="module")
def project(
    peer: Callable[[str], Path], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Pipeline]:
    """A function that makes the compiled project, in a Git repository that DVC is set up in."""
    program = peer("dvc") / "dvc"

    def make(name: str) -> Pipeline:
        folder = tmp_path_factory.mktemp(name) / "project"
        (folder / "data").mkdir(parents=True)
        shutil.copy(repository / "examples" / "penguins" / "data" / "penguins.csv", folder / "data")
        (folder / "mlops.yaml").write_text(SPEC)
        made = Pipeline(folder=folder, dvc=program)
        made.do("git", "init", "--quiet", "--initial-branch=main")
        made.do(sys.executable, "-m", "mlopsc", "compile")
        made.do("sh", "mlops/dvc/setup.sh")
        return made

    return make


def _feature(pipeline: Pipeline) -> None:
    pipeline.replace("mlops.yaml", "bill_length_mm / 10", "bill_length_mm / 20")


def _gate(pipeline: Pipeline) -> None:
    pipeline.replace("mlops.yaml", "min: 0.8", "min: 0.75")


def _parameter(pipeline: Pipeline) -> None:
    pipeline.replace("mlops.yaml", "C: 1.0", "C: 0.5")


def _data(pipeline: Pipeline) -> None:
    pipeline.replace("data/penguins.csv", "Adelie,Torgersen,39.1", "Adelie,Torgersen,39.2")


def _nothing(pipeline: Pipeline) -> None:
    pipeline.do(sys.executable, "-m", "mlopsc", "compile")


CHANGES: list[tuple[Callable[[Pipeline], None], list[str]]] = [
    (_nothing, []),
    (_parameter, FROM_TRAINING),
    (_gate, ["features", "evaluate", "gate", "register", "package"]),
    (_feature, ["features", "split", *FROM_TRAINING]),
    (_data, ["ingest", "validate", "features", "split", *FROM_TRAINING]),
]


def test_pipeline_is_stale_for_dvc_where_it_is_for_run(project: Callable[[str], Pipeline]) -> None:
    """Nothing, a parameter, a gate, a feature, the data: both programs run the same steps after each change."""
    with ThreadPoolExecutor(2) as both:
        repro, run = both.map(_all_changes, [project("repro"), project("run")], ["repro", "run"])
    assert run == [STEPS, *(expected for _, expected in CHANGES)]
    assert repro == run


def _all_changes(pipeline: Pipeline, how: str) -> list[list[str]]:
    reran = [getattr(pipeline, how)()]
    for change, _ in CHANGES:
        change(pipeline)
        reran.append(getattr(pipeline, how)())
    return reran


@pytest.fixture(scope="module")
def pushed(project: Callable[[str], Pipeline]) -> Pipeline:
    """A project whose data DVC tracks, run by it, committed, and pushed to a remote beside it."""
    here = project("here")
    here.do(here.dvc, "add", "--quiet", "data/penguins.csv")
    assert here.repro() == STEPS
    here.do("git", "add", "--all")
    here.do("git", *AUTHOR, "commit", "--quiet", "--message", "pipeline")
    here.do(here.dvc, "push", "--quiet")
    return here


def test_version_names_the_data_as_dvc_does(pushed: Pipeline) -> None:
    """The lineage of the package has the MD5 of the pointer, and that the file is still the one it points to."""
    made_of = json.loads((pushed.folder / WORK / "package" / "lineage.json").read_text())["data"]["penguins"]
    pointer = yaml.safe_load((pushed.folder / "data" / "penguins.csv.dvc").read_text())
    md5 = pointer["outs"][0]["md5"]
    assert made_of["dvc"] == {"file": "data/penguins.csv.dvc", "md5": md5, "changed": False}


def test_pipeline_and_data_travel_through_a_remote(pushed: Pipeline) -> None:
    """A clone says how to get the data, and after a pull there is nothing left to do."""
    pushed.do("git", "clone", "--quiet", ".", "../clone")
    there = Pipeline(folder=pushed.folder.parent / "clone", dvc=pushed.dvc)
    there.do(sys.executable, "-m", "mlopsc", "check", "--strict")
    there.do(sys.executable, "-m", "mlopsc", "compile", "--check")
    said = there.do("python", "-m", "mlops", "penguin-species", "ingest", code=1)
    assert "help: DVC keeps it: dvc pull data/penguins.csv.dvc" in said
    there.do(there.dvc, "pull", "--quiet")
    assert there.repro() == []
    figures = WORK.parent / "evaluate" / "metrics.json"
    assert (there.folder / figures).read_bytes() == (pushed.folder / figures).read_bytes()


@pytest.mark.slow
def test_experiment_trains_with_its_own_parameter(pushed: Pipeline) -> None:
    """``dvc exp run --set-param`` changes params.yaml, and the step takes its value from there."""
    said = pushed.do(pushed.dvc, "exp", "run", "--set-param", "penguin-species.train.params.C=0.125")
    assert re.findall(r"Running stage 'penguin-species-(\w+)'", said) == FROM_TRAINING
    report = json.loads((pushed.folder / WORK.parent / "train" / "train.json").read_text())
    assert report["params"] == {"C": 0.125, "max_iter": 500}
    packaged = json.loads((pushed.folder / WORK / "package" / "config.json").read_text())
    assert packaged["train"]["params"]["C"] == 0.125
