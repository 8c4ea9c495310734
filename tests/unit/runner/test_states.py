"""Whether steps are current, and why not, without running any."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from mlopsc.cli.progress import Progress
from mlopsc.runner.run import Request, run
from mlopsc.runner.states import State, states

MAIN = """
import pathlib, sys

model, name = sys.argv[1:]
file = pathlib.Path(".mlops/work", model, f"{name}.txt")
file.parent.mkdir(parents=True, exist_ok=True)
file.write_text(pathlib.Path("data.csv").read_text())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model, 'a', with two steps, both of which ran."""
    monkeypatch.delenv("MLOPS_HOME", raising=False)
    monkeypatch.setenv("MLOPSC_PYTHON", sys.executable)
    monkeypatch.setenv("SHOP_URL", "sqlite:///:memory:")
    (tmp_path / "mlops" / "models" / "a").mkdir(parents=True)
    (tmp_path / "mlops" / "__main__.py").write_text(MAIN)
    (tmp_path / "data.csv").write_text("x")
    configure(tmp_path, depth=3)
    run(tmp_path, Request(), Progress(io.StringIO(), tmp_path))
    return tmp_path


def configure(project: Path, depth: int) -> None:
    """Write what the compiler writes."""
    common = {"code": ["mlops/__main__.py"], "outputs": []}
    ingest = {**common, "id": "a/ingest", "name": "ingest", "needs": [], "inputs": ["data.csv"], "env": ["SHOP_URL"]}
    train = {**common, "id": "a/train", "name": "train", "needs": ["a/ingest"], "inputs": [".mlops/work/a/ingest.txt"]}
    steps = [
        {**ingest, "outputs": [".mlops/work/a/ingest.txt"], "config": []},
        {**train, "outputs": [".mlops/work/a/train.txt"], "config": ["train.depth"]},
    ]
    text = json.dumps({"steps": steps, "train": {"depth": depth}})
    (project / "mlops" / "models" / "a" / "config.json").write_text(text)


def texts(project: Path) -> list[str]:
    """The states of both steps in words."""
    return [state.text for state in states(project).values()]


def test_states_are_current_after_a_run(project: Path) -> None:
    """Nothing to say of either, by the same record that a second run goes by."""
    assert states(project) == {"a/ingest": State(word="current"), "a/train": State(word="current")}


def test_state_names_the_part_of_the_spec_that_changed(project: Path) -> None:
    """A parameter makes its step stale, and not the one before it."""
    configure(project, depth=4)
    assert texts(project) == ["current", "stale: train.depth of the spec changed"]


def test_state_names_data_and_code(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cause by name, also where there are several; what follows waits for the step before it."""
    (project / "data.csv").write_text("y")
    assert texts(project) == ["stale: data.csv changed", "stale: a/ingest has to run again"]
    monkeypatch.setenv("SHOP_URL", "sqlite:///other.db")
    assert texts(project)[0] == "stale: the variable SHOP_URL changed, data.csv changed"
    (project / "mlops" / "__main__.py").write_text(f"{MAIN}#")
    assert texts(project)[1] == "stale: mlops/__main__.py changed"


def test_state_names_an_output_that_somebody_changed(project: Path) -> None:
    """The step that wrote it is stale, and so is the one that reads it."""
    (project / ".mlops/work/a/ingest.txt").write_text("by hand")
    assert texts(project) == [
        "stale: .mlops/work/a/ingest.txt was changed",
        "stale: .mlops/work/a/ingest.txt changed",
    ]


def test_state_of_what_another_program_ran_is_not_guessed(project: Path) -> None:
    """Without a record there is an output, or there is none; where DVC runs the steps, it knows."""
    for record in (project / ".mlops/cache/steps").iterdir():
        record.unlink()
    (project / ".mlops/work/a/train.txt").unlink()
    assert texts(project) == ["made elsewhere", "never ran"]
    (project / "dvc.lock").write_text("")
    assert texts(project)[0] == "made elsewhere: `dvc status` says whether it is current"


def test_records_hold_no_value_of_a_variable(project: Path) -> None:
    """A variable may be a password: only its hash is written down."""
    written = "".join(file.read_text() for file in (project / ".mlops/cache/steps").iterdir())
    assert "env SHOP_URL" in written
    assert "memory" not in written


def test_states_before_the_first_compile_are_none(tmp_path: Path) -> None:
    """There is nothing to say, and no error."""
    assert states(tmp_path) == {}
