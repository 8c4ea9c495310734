"""The spec with every default filled in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlopsc.cli.show import command
from mlopsc.loader import load_text
from mlopsc.model.build import build
from mlopsc.model.models import Model, Split
from mlopsc.phases import analyse

QUICK_START = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, mass: float?}
models:
  species:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def shown(*arguments: str) -> str:
    """What the command prints; it must succeed."""
    result = CliRunner().invoke(command, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def written(folder: Path, text: str) -> str:
    """A spec in ``folder``."""
    folder.mkdir(exist_ok=True)
    (folder / "mlops.yaml").write_text(text)
    return str(folder / "mlops.yaml")


def test_show_spells_out_the_quick_start(tmp_path: Path) -> None:
    """Defaults are marked; what was inferred stands there like what was written."""
    text = shown(written(tmp_path, QUICK_START))
    assert text.startswith("version: 1  # default\n\nproject:\n  name: species\n")
    assert "  deploy: compose  # default\n" in text
    assert "policy:\n  require_owner: false  # default\n" in text
    assert "      mass:\n        type: float\n        nullable: true\n" in text
    model = text[text.index("models:") : text.index("monitors:")]
    assert model == (
        "models:\n"
        "  species:\n"
        '    description: ""  # default\n'
        "    task: multiclass-classification\n"
        "    data: penguins\n"
        "    features: []  # default\n"
        "    label:\n"
        "      sql: species\n"
        "      nulls: drop  # default\n"
        "    split:\n"
        "      by: random\n"
        "      validation: 15%  # default\n"
        "      test: 15%  # default\n"
        "      stratify: false  # default\n"
        "      seed: 0  # default\n"
        "    preprocess:\n"
        "      island:\n"
        "        encode: ordinal  # default\n"
        "      mass:\n"
        "        impute: median  # default\n"
        "    train:\n"
        "      estimator: sklearn.ensemble.RandomForestClassifier\n"
        "      params: {}  # default\n"
        "      seed: 0  # default\n"
        "    evaluate:\n"
        "      metrics: [accuracy, balanced_accuracy, f1_macro, log_loss]\n"
        "      slices: []  # default\n"
        "      business: {}\n"
        "    gates: []\n"
        "    deploy: {}\n\n"
    )


def test_show_of_what_it_shows_is_the_same(repository: Path, tmp_path: Path) -> None:
    """What it prints is a spec without problems that means the same, for the reference and for the quick start."""
    reference = (repository / "tests" / "fixtures" / "flight-delays.mlops.yaml").read_text()
    for name, spec in (("reference", reference), ("quick", QUICK_START)):
        once = shown(written(tmp_path / name, spec))
        again = written(tmp_path / name, once)
        assert analyse(Path(again)).diagnostics == ()
        assert shown(again) == once


def test_show_as_json_is_the_same_data(tmp_path: Path) -> None:
    """Both formats say the same."""
    spec = written(tmp_path, QUICK_START)
    assert json.loads(shown(spec, "--format", "json")) == load_text(shown(spec), "mlops.yaml").data


def test_show_as_an_environment_sees_it(tmp_path: Path) -> None:
    """What the environment sets is there."""
    spec = written(
        tmp_path,
        QUICK_START
        + "    deploy: {batch: {input: penguins, output: scores.parquet}}\n"
        + "environments: {production: {set: {models: {species: {deploy: {batch: {output: all.parquet}}}}}}}\n",
    )
    assert "        output: scores.parquet\n" in shown(spec)
    assert "        output: all.parquet\n" in shown(spec, "--env", "production")


def test_show_names_the_environments_that_exist(tmp_path: Path) -> None:
    """A mistyped environment is a usage error."""
    result = CliRunner().invoke(command, [written(tmp_path, QUICK_START), "--env", "prod"])
    assert str(result.exception) == "no environment 'prod'; there is: none"


def test_show_prints_the_problems_of_a_wrong_spec(tmp_path: Path) -> None:
    """A spec with errors has no spelled-out form; the diagnostics go to the error stream."""
    result = CliRunner().invoke(command, [written(tmp_path, QUICK_START.replace("label: species", "label: specis"))])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error[MLC203]: unknown column 'specis' in the label of model 'species'\n")


@pytest.mark.parametrize("share", ["15%", "0.7601596706353824", "1.0e-20", "12.5%"])
def test_show_keeps_a_share_to_its_last_digit(tmp_path: Path, share: str) -> None:
    """A percentage where that is the same number, else the number."""
    spec = written(tmp_path, QUICK_START + f"    split: {{test: {share}}}\n")
    splits = []
    for text in (Path(spec).read_text(), shown(spec)):
        data = load_text(text, "mlops.yaml").data
        assert data is not None
        [model] = build(data).models.values()
        assert isinstance(model, Model)
        assert isinstance(model.split, Split)
        splits.append(model.split.test)
    assert splits[0] == splits[1]
