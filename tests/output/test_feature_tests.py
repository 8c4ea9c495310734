"""The property test that is compiled into a user's repository: it passes, and it finds a form that differs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """\
stack: {ci: none}
data:
  tickets:
    source: data/tickets.parquet
    key: id
    time: opened_at
    columns:
      id: string
      opened_at: timestamp
      subject: {type: string, nullable: true}
      customer: {type: string, allowed: [new, regular]}
      score: float
      urgent: boolean
features:
  words:
    from: tickets
    columns:
      subject_start: {sql: "lower(substring(subject, 1, 3))"}
      regular: {sql: "customer = 'regular' and score > 0.5"}
      backwards: {sql: "reverse(subject)"}
      age: {sql: "date_diff('day', timestamp '2020-01-01', opened_at)"}
models:
  triage:
    features: [words]
    label: urgent
    train: {estimator: sklearn.linear_model.LogisticRegression}
"""


def outcome_of(folder: Path) -> subprocess.CompletedProcess[str]:
    """The one command that the generated README names."""
    kept = {name: value for name, value in os.environ.items() if name != "MODEL"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mlops/tests"]
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """A compiled project, without data."""
    (tmp_path / "mlops.yaml").write_text(SPEC)
    command = [sys.executable, "-m", "mlopsc", "compile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return tmp_path


def test_compiled_feature_tests_pass_and_find_a_difference(compiled: Path) -> None:
    """Every feature agrees, the one that DuckDB is asked for too; a function that was changed does not."""
    done = outcome_of(compiled)
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "4 passed"), done.stdout + done.stderr
    module = compiled / "mlops" / "features" / "words.py"
    text = module.read_text()
    assert '# "backwards" has no Python form that gives the same: DuckDB is asked' in text
    assert "score > 0.5" in text
    module.write_text(text.replace("score > 0.5", "score >= 0.5").replace("_lower(_sub", "str.lower(_sub"))
    done = outcome_of(compiled)
    assert done.returncode == 1
    assert "in the table" in done.stdout
    assert "FAILED mlops/tests/test_features.py::test_feature_is_the_same_in_batch_and_online[words." in done.stdout


def test_projects_without_computed_features_have_no_feature_tests(tmp_path: Path) -> None:
    """Nothing is written that proves nothing."""
    head, _, rest = SPEC.partition("features:\n")
    (tmp_path / "mlops.yaml").write_text(
        head + "models:" + rest.partition("models:")[2].replace("[words]", "[tickets]")
    )
    (tmp_path / "mlops.yaml").write_text((tmp_path / "mlops.yaml").read_text().replace("    features: [tickets]\n", ""))
    done = subprocess.run(
        [sys.executable, "-m", "mlopsc", "compile"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "mlops" / "tests").exists()
    assert not (tmp_path / "mlops" / "requirements-test.txt").exists()
