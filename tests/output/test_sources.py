"""What a source brings into the generated repository: its settings, its readers, its requirements."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
version: 1
secrets: [SECRET]
project: {{requirements: [{requirements}]}}
data:
  birds:
    source: {source}
    time: seen
    columns: {{species: string, seen: timestamp, number: integer, weight: float}}
models:
  species:
    label: species
    train: {{estimator: sklearn.ensemble.RandomForestClassifier}}
"""

READERS = {"database.py", "drivers.py", "increment.py", "objects.py"}


@pytest.fixture
def compiled_with(tmp_path: Path) -> Callable[..., Path]:
    """A function that compiles a spec whose only dataset has this source."""

    def make(source: str, requirements: str = "") -> Path:
        (tmp_path / "mlops.yaml").write_text(SPEC.format(source=source, requirements=requirements), encoding="utf-8")
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
        command = [sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return tmp_path / "mlops"

    return make


def config(folder: Path) -> Any:
    """The configuration of the only model."""
    return json.loads((folder / "models" / "species" / "config.json").read_text())


USUAL = {"duckdb", "numpy", "pyarrow", "scikit-learn", "skops", "pandas", "pandera", "alembic", "mlflow-skinny", "oras"}


@pytest.mark.parametrize(
    ("source", "more", "readers"),
    [
        ("data/birds.csv", set(), set()),
        ("{kind: parquet, path: data/birds, since: last_run}", set(), {"increment.py"}),
        ("s3://acme/birds.parquet", set(), {"objects.py"}),
        ('"${SECRET}/birds.parquet"', set(), {"objects.py"}),
        ("az://acme/birds.parquet", {"adlfs"}, {"objects.py"}),
        ("https://example.com/birds.csv", {"aiohttp", "fsspec"}, {"objects.py"}),
        (
            "{kind: sql, url: 'postgresql://reader@db/birds', query: select 1, since: last_run, cursor: number}",
            {"adbc-driver-postgresql"},
            {"database.py", "drivers.py", "increment.py"},
        ),
        (
            "{kind: sql, url: 'postgresql+psycopg://reader@db/birds', query: select 1}",
            {"psycopg[binary]"},
            {"database.py", "drivers.py"},
        ),
        (
            "{kind: sql, url: '${SECRET}', query: select 1}",
            {"adbc-driver-postgresql"},
            {"database.py", "drivers.py"},
        ),
        ("{kind: sql, url: 'sqlite:///birds.db', query: select 1}", set(), {"database.py", "drivers.py"}),
    ],
)
def test_source_brings_what_reads_it_and_no_more(
    compiled_with: Callable[..., Path], source: str, more: set[str], readers: set[str]
) -> None:
    """Modules and requirements follow from the kind of the source and from the scheme of its address."""
    folder = compiled_with(source)
    text = (folder / "models" / "species" / "requirements-train.txt").read_text()
    assert set(re.findall(r"^[\w\[\]-]+", text, re.MULTILINE)) == USUAL | {"sqlalchemy"} | more
    assert {file.name for file in (folder / "runtime" / "data").iterdir()} & READERS == readers


def test_cursor_is_the_time_unless_the_source_names_one(compiled_with: Callable[..., Path]) -> None:
    """The runtime is told which column says what is new; without ``since`` nothing is."""
    address = "kind: sql, url: 'postgresql://r:${SECRET}@db/birds', query: select 1"
    wanted = {"kind": "sql", "url": "postgresql://r:${SECRET}@db/birds", "query": "select 1"}
    for more, cursor in ((", since: last_run", "seen"), (", since: last_run, cursor: number", "number")):
        found = config(compiled_with(f"{{{address}{more}}}"))
        assert found["datasets"]["birds"]["source"] == {**wanted, "since": "last_run", "cursor": cursor}
        assert found["steps"][0]["env"] == ["SECRET"]
    assert config(compiled_with(f"{{{address}}}"))["datasets"]["birds"]["source"] == wanted


def test_project_without_remote_sources_says_so(compiled_with: Callable[..., Path]) -> None:
    """A variable that turns out to be an address asks for a reader that was not copied."""
    folder = compiled_with("data/${SECRET}.csv")
    file = folder / "models" / "species" / "config.json"
    file.write_text(file.read_text().replace("data/${SECRET}.csv", "s3://acme/birds.csv"))
    done = subprocess.run(
        [sys.executable, "-m", "mlops", "species", "ingest"],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == (
        "error[species ingest]: dataset 'birds': this project was compiled to read files only, not s3://acme/birds.csv\n"
        "  help: name it in mlops.yaml, and compile again\n"
    )
