"""``dvc.yaml`` and ``params.yaml``: what DVC is told about each step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlopsc.phases import analyse, compilation
from mlopsc.targets.dvc.stages import literal
from mlopsc.targets.dvc.views import remote

SPEC = """\
version: 1
project: {{name: shop}}
stack: {{data_versioning: dvc, ci: none}}
data:
  orders:
    source: "{source}"
    columns: {{shop: string, price: float?, paid: boolean}}
models:
  pays:
    label: paid
    train: {{estimator: sklearn.linear_model.LogisticRegression, params: {{C: 1.0e-6}}}}
{more}"""


def files_of(folder: Path, source: str = "data/orders.csv", more: str = "") -> dict[str, Any]:
    """The compiled YAML files by path, parsed, and the texts of the others."""
    (folder / "mlops.yaml").write_text(SPEC.format(source=source, more=more))
    compiled = compilation(analyse(folder / "mlops.yaml"))
    assert not compiled.failed, compiled.diagnostics
    texts = {path: one.content.decode() for path, one in compiled.rendered.items()}
    return {path: yaml.safe_load(text) if path.endswith(".yaml") else text for path, text in texts.items()}


def test_stage_depends_on_what_its_step_declares(tmp_path: Path) -> None:
    """Inputs and code are dependencies, parts of the configuration parameters, outputs outs."""
    stages = files_of(tmp_path)["dvc.yaml"]["stages"]
    assert stages["pays-ingest"] == {
        "cmd": "python -m mlops --params params.yaml pays ingest",
        "deps": ["data/orders.csv", "mlops/runtime/core", "mlops/runtime/data"],
        "params": [{"params.yaml": ["pays.dataset", "pays.datasets"]}],
        "outs": [".mlops/work/pays/ingest"],
    }
    assert stages["pays-register"]["outs"] == [{".mlops/work/pays/register": {"persist": True}}]


def test_params_hold_every_value_that_a_stage_names(tmp_path: Path) -> None:
    """What is not configured is null rather than missing: when it arrives, DVC sees a change."""
    files = files_of(tmp_path)
    params = files["params.yaml"]
    assert params["pays"]["train"]["params"] == {"C": 1e-6}
    assert params["pays"]["train"]["sample_weight"] is None
    assert params["pays"]["api"] is None
    for stage in files["dvc.yaml"]["stages"].values():
        for key in stage["params"][0]["params.yaml"]:
            found = params
            for name in key.split("."):
                assert name in found, key
                found = found[name]


@pytest.mark.parametrize(
    ("source", "deps", "always"),
    [
        ("data/2013/*.csv", ["data/2013"], False),
        ("*.csv", [], True),
        ("s3://acme/orders.csv", [], True),
    ],
)
def test_ingest_depends_on_data_that_dvc_can_look_at(
    tmp_path: Path, source: str, deps: list[str], *, always: bool
) -> None:
    """Of a pattern the folder, of an address nothing: that stage runs every time, as ``mlopsc run`` does it."""
    stage = files_of(tmp_path, source)["dvc.yaml"]["stages"]["pays-ingest"]
    assert [path for path in stage["deps"] if not path.startswith("mlops/")] == deps
    assert stage.get("always_changed", False) is always


def test_literal_keeps_dvc_from_looking_for_variables() -> None:
    """DVC replaces ${...} in its file; a name of the user's with one in it is taken as it is."""
    assert literal("src/${x}") == "src/\\${x}"


def test_trials_of_a_search_are_a_plot(tmp_path: Path) -> None:
    """A tuned model has its trials drawn; every model has its figures among the metrics."""
    tune = "    tune: {trials: 2, metric: roc_auc, space: {C: {float: [0.1, 1.0]}}}\n"
    found = files_of(tmp_path, more=tune)["dvc.yaml"]
    file = ".mlops/work/pays/train/train.json"
    assert found["metrics"] == [".mlops/work/pays/evaluate/metrics.json"]
    assert found["plots"] == [{"pays trials": {"x": {file: "number"}, "y": {file: "value"}, "template": "scatter"}}]


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("s3://acme-ml/shop", "s3://acme-ml/shop/dvc"),
        ("gcs://acme/shop/", "gs://acme/shop/dvc"),
        ("az://box/shop", "azure://box/shop/dvc"),
        ("../shared", "../shared/dvc"),
        ("file:///mnt/shared", "/mnt/shared/dvc"),
        ("oci://registry.example.com/shop", None),
    ],
)
def test_remote_is_a_folder_of_the_storage(storage: str, expected: str | None) -> None:
    """Each scheme as DVC writes it; a registry is none."""
    assert remote(storage) == expected


def test_setup_quotes_the_remote(tmp_path: Path) -> None:
    """A storage with a quote in it is one word of the script."""
    text = files_of(tmp_path, more='storage: {url: "it\'s here"}\n')["mlops/dvc/setup.sh"]
    assert "dvc remote add --force --default storage 'it'\"'\"'s here/dvc'\n" in text


def test_workflows_fetch_the_data_before_they_read_it(tmp_path: Path) -> None:
    """With the remote's own requirements, after the home and before the first step; a new pointer starts training."""
    spec = SPEC.format(
        source="data/orders.csv", more="storage: {url: s3://acme/shop}\nimages: {registry: ghcr.io/acme}\n"
    )
    (tmp_path / "mlops.yaml").write_text(spec.replace(", ci: none", ""))
    rendered = compilation(analyse(tmp_path / "mlops.yaml")).rendered
    assert rendered["mlops/dvc/requirements.txt"].content.decode().splitlines()[-1] == "dvc[s3]>=3.60"
    train = yaml.load(rendered[".github/workflows/shop-train.yml"].content, yaml.BaseLoader)  # noqa: S506
    names = [step.get("name") for step in train["jobs"]["train-pays"]["steps"]]
    at = names.index("Fetch the data that DVC tracks")
    assert names[at - 1 : at + 2 : 2] == ["Fetch the home", "Read and check the data"]
    assert {"data/orders.csv.dvc", "data.dvc"} <= set(train["on"]["push"]["paths"])


def test_stack_without_dvc_writes_none_of_it(tmp_path: Path) -> None:
    """Neither the pipeline nor the requirement that reads its parameters."""
    files = files_of(tmp_path)
    assert "pyyaml>=6" in files["mlops/models/pays/requirements-train.txt"]
    (tmp_path / "mlops.yaml").write_text((tmp_path / "mlops.yaml").read_text().replace("dvc", "none"))
    rendered = compilation(analyse(tmp_path / "mlops.yaml")).rendered
    assert not {
        "dvc.yaml",
        "params.yaml",
        "mlops/.dvcignore",
        "mlops/dvc/setup.sh",
        "mlops/dvc/requirements.txt",
    } & set(rendered)
    assert b"pyyaml" not in rendered["mlops/models/pays/requirements-train.txt"].content
