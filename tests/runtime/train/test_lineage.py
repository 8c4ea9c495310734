"""What a version is made of, as it is kept with it, and what of that has changed since."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def copied(trained_penguins: Any, tmp_path: Path) -> Any:
    """A copy of the trained penguins that may be changed."""
    folder = tmp_path / "copy"
    shutil.copytree(trained_penguins.folder, folder)
    return type(trained_penguins)(folder=folder, config=trained_penguins.config, plan=trained_penguins.plan)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_package_says_what_it_is_made_of(trained_penguins: Any) -> None:
    """Data, configuration, parameters and environment, as they were."""
    record = json.loads((trained_penguins.work / "package" / "lineage.json").read_text())
    source = trained_penguins.folder / "data" / "penguins.csv"
    assert record["data"] == {
        "penguins": {"source": "data/penguins.csv", "sha256": digest(source), "rows": 344, "dvc": None}
    }
    assert record["config"] == digest(trained_penguins.folder / "mlops/models/species/config.json")
    assert record["parameters"]["estimator"] == trained_penguins.config["train"]["estimator"]
    assert record["git"] == {"commit": None, "changed": None}
    assert record["environment"]["packages"] == {}
    assert record["spec"] is None


def test_environment_names_the_packages_that_the_steps_require(copied: Any) -> None:
    """Versions as they are installed, of what requirements-train.txt names."""
    requirements = copied.folder / "mlops/models/species/requirements-train.txt"
    requirements.write_text("duckdb>=1.4\nnot-installed-anywhere>=1\nscikit-learn>=1.7\n")
    copied.step("register")
    tags = copied.read("register/registered.json")["tags"]
    named = [f"{name} {metadata.version(name)}" for name in ("duckdb", "scikit-learn")]
    assert tags["environment"].split(", ")[1:] == named


def test_lineage_says_what_has_changed_since(copied: Any) -> None:
    """Current at first, then each change by name; the file that is gone says nothing."""
    known = copied.run("lineage", "species@local").stdout.splitlines()
    assert known[0].startswith("species local (challenger), registered ")
    assert known[-1] == "  current: nothing that it is made of has changed"
    source = copied.folder / "data" / "penguins.csv"
    source.write_text(source.read_text() + "\n")
    config = copied.folder / "mlops/models/species/config.json"
    config.write_text(config.read_text() + "\n")
    changed = json.loads(copied.run("lineage", "species", "--json").stdout)["models"][0]["versions"][0]["changed"]
    assert changed == ["the configuration", "the data of penguins"]
    source.unlink()
    assert (
        copied.run("lineage", "species@challenger").stdout.splitlines()[-1]
        == "  stale: the configuration changed since"
    )


def test_lineage_of_an_unknown_version_says_what_there_is(copied: Any) -> None:
    """A version that nobody registered is wrong usage."""
    done = copied.run("lineage", "species@7", code=2)
    assert done.stderr == "error: there is no version '7'\n  help: there is: local (challenger)\n"


def test_promoted_version_keeps_what_it_is_made_of(copied: Any) -> None:
    """Without a registry, too, the champion says its data and who promoted it."""
    copied.run("models", "promote", "species", "--by", "ana", "--why", "first")
    versions = json.loads(copied.run("lineage", "species@champion", "--json").stdout)["models"][0]["versions"]
    made_of = versions[0]["made_of"]
    assert made_of["data.penguins"] == digest(copied.folder / "data" / "penguins.csv")
    assert made_of["promoted_by"] == "ana"


def test_data_that_dvc_tracks_is_named_by_its_pointer(copied: Any) -> None:
    """The MD5 of the pointer, where it was imported from, and whether the file has changed since."""
    content = (copied.folder / "data" / "penguins.csv").read_bytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    pointer = copied.folder / "data" / "penguins.csv.dvc"
    pointer.write_text(
        "deps:\n- path: penguins.csv\n  repo:\n    url: https://example.org/data\n    rev_lock: 0123abc\n"
        f"outs:\n- md5: {md5}\n  size: {len(content)}\n  hash: md5\n  path: penguins.csv\n"
    )
    copied.step("register")
    record = json.loads((copied.work / "register/package/lineage.json").read_text())
    assert record["data"]["penguins"]["dvc"] == {
        "file": "data/penguins.csv.dvc",
        "md5": md5,
        "repository": "https://example.org/data",
        "rev": "0123abc",
        "changed": False,
    }
    words = copied.read("register/registered.json")["tags"]["dvc.penguins"]
    assert words == f"md5 {md5} in data/penguins.csv.dvc, from 0123abc"


def test_ingest_without_the_file_names_the_command_that_fetches_it(copied: Any) -> None:
    """The pointer is there and the data is not: what to type, whether the file or its folder is tracked."""
    source = copied.folder / "data" / "penguins.csv"
    source.unlink()
    (copied.folder / "data" / "penguins.csv.dvc").write_text("outs:\n- md5: 0\n  path: penguins.csv\n")
    done = copied.step("ingest", code=1)
    assert done.stderr.endswith("  help: DVC keeps it: dvc pull data/penguins.csv.dvc\n")
    (copied.folder / "data" / "penguins.csv.dvc").rename(copied.folder / "data.dvc")
    assert copied.step("ingest", code=1).stderr.endswith("  help: DVC keeps it: dvc pull data.dvc\n")


def test_parameters_of_a_file_take_the_place_of_the_compiled_ones(copied: Any) -> None:
    """Training, the package and its lineage have the other value; without the option it is the compiled one again."""
    compiled = copied.config["train"]
    varied = {**compiled, "params": {**compiled["params"], "C": 0.125}, "sample_weight": None}
    file = copied.folder / "params.yaml"
    file.write_text(json.dumps({"species": {"train": varied, "api": None}}))
    copied.run("--params", "params.yaml", "species", "train", "evaluate", "gate", "register")
    assert copied.read("train/train.json")["params"]["C"] == 0.125
    package = copied.work / "register/package"
    packaged = json.loads((package / "config.json").read_text())
    assert (packaged["train"]["params"]["C"], "api" in packaged) == (0.125, False)
    assert json.loads((package / "lineage.json").read_text())["config"] == digest(package / "config.json")
    copied.step("train")
    assert copied.read("train/train.json")["params"].get("C") == compiled["params"].get("C")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist"),
        ("a: [", "is no YAML: "),
        ("- a\n", "does not hold the parameters of models"),
    ],
)
def test_parameters_that_cannot_be_read_are_a_message(copied: Any, text: str | None, said: str) -> None:
    """Absent, broken, or something else: one line that says so."""
    if text is not None:
        (copied.folder / "params.yaml").write_text(text)
    done = copied.run("--params", "params.yaml", "species", "split", code=2 if text is None else 1)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
