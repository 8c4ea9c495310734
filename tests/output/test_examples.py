# mypy: disable-error-code="import-untyped"
"""The examples and what ``init`` begins: compiled and run through, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
MLOPSC = str(Path(sys.executable).with_name("mlopsc"))


def mlopsc(folder: Path, *arguments: str, expect: int = 0) -> str:
    """What a command prints; its exit code must be the one that is expected."""
    env = {**os.environ, "MLOPSC_PYTHON": sys.executable}
    env.pop("MLOPS_HOME", None)
    done = subprocess.run([MLOPSC, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def gates(folder: Path, model: str) -> list[tuple[str, str]]:
    """Each gate of the last run with its verdict."""
    file = folder / ".mlops" / "work" / model / "gate" / "gates.json"
    return [(gate["gate"], gate["verdict"]) for gate in json.loads(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("name", "model", "verdicts"),
    [
        ("penguins", "penguin-species", ["pass"]),
        pytest.param("diabetes", "progression", ["pass", "pass", "insufficient", "pass"], marks=pytest.mark.slow),
        pytest.param("own-training", "malignant", ["pass", "pass", "pass", "insufficient"], marks=pytest.mark.slow),
    ],
)
def test_example_runs_through_where_it_is_copied_to(tmp_path: Path, name: str, model: str, verdicts: list[str]) -> None:
    """Copied out of the repository it checks clean, compiles, trains and passes its gates; there is no champion yet."""
    mlopsc(tmp_path, "init", "project", "--example", name)
    project = tmp_path / "project"
    assert mlopsc(project, "check") == "mlops.yaml: 1 model, 0 monitors: no problems\n"
    mlopsc(project, "compile")
    mlopsc(project, "run")
    assert [verdict for _, verdict in gates(project, model)] == verdicts
    assert (project / ".mlops" / "work" / model / "package" / "model.skops").exists()
    again = mlopsc(project, "run")
    assert again.count("cached") == 9


def test_run_refuses_what_the_spec_no_longer_says(tmp_path: Path) -> None:
    """A changed spec must be compiled before it runs; a file edited by hand runs as it is, and is named."""
    mlopsc(tmp_path, "init", ".", "--example", "penguins")
    mlopsc(tmp_path, "compile")
    edited = tmp_path / "mlops" / "runtime" / "data" / "ingest.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    printed = mlopsc(tmp_path, "run", "ingest")
    assert printed.splitlines()[-1] == "note: mlops/runtime/data/ingest.py was edited by hand, and runs so"
    spec = tmp_path / "mlops.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("min: 0.9", "min: 0.8"), encoding="utf-8")
    assert mlopsc(tmp_path, "run", "ingest", expect=1) == (
        "error: mlops/models/penguin-species/config.json is not what mlops.yaml says\n"
        "  help: run `mlopsc compile` first\n"
    )


def test_run_exits_5_when_the_model_is_not_good_enough(tmp_path: Path) -> None:
    """Nothing is registered then, and the table says which gate it was."""
    mlopsc(tmp_path, "init", ".", "--example", "penguins")
    spec = tmp_path / "mlops.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("min: 0.9", "min: 1.0"), encoding="utf-8")
    mlopsc(tmp_path, "compile")
    printed = mlopsc(tmp_path, "run", expect=5)
    assert gates(tmp_path, "penguin-species")[0][1] == "fail"
    assert "penguin-species  register            skipped" in printed
    assert not (tmp_path / ".mlops" / "work" / "penguin-species" / "register").exists()


def semicolons(rows: int) -> str:
    """A table as a German spreadsheet writes it: real iris measurements, decimal commas, an unnamed index."""
    from sklearn.datasets import load_iris  # noqa: PLC0415  (only this test)

    iris = load_iris()
    lines = [";Länge;Breite (cm);Sorte;"]
    for i, (flower, kind) in enumerate(zip(iris.data, iris.target, strict=True)):
        measures = ";".join(f"{value:.1f}".replace(".", ",") for value in flower[2:])
        lines.append(f"{i};{measures};{iris.target_names[kind]};")
    return "\n".join(lines[: rows + 1]) + "\n"


def wine() -> str:
    """Real wines with headers that SQL would not take, and a label of three whole numbers in front."""
    from sklearn.datasets import load_wine  # noqa: PLC0415

    table = load_wine(as_frame=True).frame
    table.insert(0, "class", table.pop("target") + 1)
    text: str = table.to_csv(index=False)
    return text.replace("od280/od315_of_diluted_wines", "OD280/OD315 of diluted wines")


def patients() -> str:
    """Real patients as a headerless file, the target last."""
    from sklearn.datasets import load_diabetes  # noqa: PLC0415

    text: str = load_diabetes(as_frame=True).frame.to_csv(index=False, header=False)
    return text


@pytest.mark.parametrize(
    ("content", "encoding", "arguments", "model"),
    [
        (lambda: semicolons(150), "cp1252", [], "sorte"),
        pytest.param(wine, "utf-8", ["--label", "class"], "class-value", marks=pytest.mark.slow),
        pytest.param(patients, "utf-8-sig", [], "column-11", marks=pytest.mark.slow),
    ],
    ids=["semicolons", "wine", "headerless"],
)
def test_init_begins_a_spec_that_runs_through(
    tmp_path: Path, content: object, encoding: str, arguments: list[str], model: str
) -> None:
    """From a file nobody prepared to a packaged model, with nothing edited in between."""
    assert callable(content)
    (tmp_path / "table.csv").write_bytes(content().encode(encoding))
    mlopsc(tmp_path, "init", "project", "--from", "table.csv", *arguments)
    project = tmp_path / "project"
    assert mlopsc(project, "check", "--strict") == "mlops.yaml: 1 model, 0 monitors: no problems\n"
    mlopsc(project, "compile")
    mlopsc(project, "run")
    assert [verdict for _, verdict in gates(project, model)] == ["pass"]
