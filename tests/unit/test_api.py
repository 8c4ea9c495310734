"""The Python API, and the pins that a compile reads."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

import mlopsc
from mlopsc import pins
from mlopsc.api import SpecError
from mlopsc.cli import cli
from mlopsc.diagnostics import MlopscError

SPEC = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, body_mass_g: "float?"}
models:
  kind-of-penguin:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small spec in a folder of its own."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "mlops.yaml").write_text(SPEC)
    return tmp_path


def test_compile_writes_and_returns_what_happened(project: Path) -> None:
    """The API does what the command does, and says what happened to each file."""
    assert mlopsc.check(project) == ()
    first = {change.path: str(change.action) for change in mlopsc.compile(project)}
    assert first["mlops/plan.json"] == "create"
    assert (project / "mlops/plan.json").is_file()
    assert {str(change.action) for change in mlopsc.compile(project / "mlops.yaml")} == {"unchanged"}


def test_plan_returns_steps_and_files(project: Path) -> None:
    """Before compiling, the plan knows the steps and every file that would be added."""
    planned = mlopsc.plan(project)
    assert [step.id for step in planned.plan.steps][:2] == ["kind-of-penguin/ingest", "kind-of-penguin/validate"]
    assert [job.id for job in planned.plan.jobs] == ["kind-of-penguin"]
    assert "mlops/plan.json" in {change.path for change in planned.files}


def test_compile_raises_the_first_error_with_its_place(project: Path) -> None:
    """A spec with errors raises an exception that holds all diagnostics."""
    (project / "mlops.yaml").write_text(SPEC.replace("label: species", "label: spezies"))
    with pytest.raises(SpecError, match=r"^mlops\.yaml:7:12: MLC\d+: unknown column 'spezies'") as caught:
        mlopsc.compile(project)
    assert [found.code for found in caught.value.diagnostics] == [found.code for found in mlopsc.check(project)]
    assert not (project / "mlops").exists()


def test_check_of_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    """A path without a spec is named."""
    with pytest.raises(MlopscError, match=r"nowhere/mlops\.yaml does not exist"):
        mlopsc.check(tmp_path / "nowhere/mlops.yaml")


def test_plan_json_keeps_its_schema(project: Path, repository: Path) -> None:
    """What scripts rely on is written down, and holds."""
    schema = json.loads((repository / "schemas/output/plan.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    result = CliRunner().invoke(cli, ["plan", str(project), "--format", "json"])
    jsonschema.validate(json.loads(result.output), schema)


def test_pins_of_the_project_win_over_the_built_in_ones(tmp_path: Path) -> None:
    """A team may pin another version of an action, a base image, and the compiler itself."""
    sha, digest = "a" * 40, "sha256:" + "b" * 64
    own = {
        "actions": {"actions/checkout": {"version": "v99.0.0", "sha": sha}},
        "images": {"python:3.11-slim-bookworm": digest},
        "compiler": {"hashes": [digest]},
    }
    (tmp_path / "mlops.pins.json").write_text(json.dumps(own))
    found = pins.read(tmp_path)
    assert found.actions["actions/checkout"] == pins.Pin(version="v99.0.0", sha=sha)
    assert found.actions["actions/setup-python"] == pins.read(tmp_path / "elsewhere").actions["actions/setup-python"]
    assert found.images == {"python:3.11-slim-bookworm": digest}
    assert found.compiler_hashes == (digest,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ('{"actions": {"a/b": {"version": "v1", "sha": "main"}}}', "'main' is no digest"),
        ('{"images": {"x": "latest"}}', "'latest' is no digest"),
        ("[]", "is not what it should be"),
    ],
)
def test_pins_that_cannot_be_understood_are_a_clear_error(text: str, message: str, tmp_path: Path) -> None:
    """A broken file is named, and never half-read."""
    (tmp_path / "mlops.pins.json").write_text(text)
    with pytest.raises(MlopscError, match=message):
        pins.read(tmp_path)
