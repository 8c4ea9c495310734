"""``mlopsc lineage``: what a thing is made of, what depends on it, and whether it is stale."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from mlopsc.cli import cli

SPEC = """\
version: 1
project: {name: shop}
stack: {ci: none, alerts: [github-issue]}
data:
  orders:
    source: data/orders.csv
    key: id
    time: at
    columns:
      id: string
      at: timestamp
      shop: string
      price: float?
      paid: boolean
    checks:
      - {kind: null_fraction, column: price, max: 0.1}
features:
  order:
    from: orders
    columns:
      cheap: {sql: "price < 10"}
      shop: {}
      usual: {aggregate: "avg(price)", by: [shop], window: 7d, lag: 1d}
models:
  pays:
    features: [order]
    label: paid
    train: {estimator: sklearn.linear_model.LogisticRegression}
    evaluate:
      metrics: [roc_auc]
      slices: [shop]
      business: {lost: {sql: "sum(case when prediction and not actual then price end)", goal: minimize}}
    gates: [{metric: roc_auc, min: 0.75}]
    deploy:
      api: {port: 8080}
monitors:
  drift: {model: pays, kind: data-drift, schedule: "0 6 * * *", window: 1d, columns: [usual], on_breach: [alert]}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was never compiled."""
    monkeypatch.delenv("MLOPS_HOME", raising=False)
    (tmp_path / "mlops.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str, code: int = 0) -> str:
    """What ``mlopsc lineage`` prints."""
    done = CliRunner().invoke(cli, ["lineage", *arguments])
    if isinstance(done.exception, Exception) and code:
        assert getattr(done.exception, "exit_code", None) == code
        return str(done.exception)
    assert done.exit_code == code, done.output
    return done.stdout


def asked(*arguments: str) -> Any:
    """The same as data."""
    return json.loads(ask(*arguments, "--format", "json"))


def test_lineage_of_a_column_reaches_all_that_needs_it(project: Path) -> None:
    """Features, metrics, checks, the model and what serves and watches it; a feature of other columns is none of it."""
    (answer,) = asked("orders.price")["artifacts"]
    assert answer == {
        "id": "column:orders.price",
        "made_of": ["file:data/orders.csv", "dataset:orders"],
        "needed_by": [
            "check:orders.null_fraction price",
            "feature:order.cheap",
            "feature:order.usual",
            "model:pays",
            "metric:pays.lost",
            "metric:pays.all by shop",
            "gate:pays.roc_auc >= 0.75",
            "service:pays.api",
            "monitor:drift",
        ],
    }
    assert project.joinpath("mlops").exists() is False


def test_lineage_is_a_tree_with_places(project: Path) -> None:
    """In the terminal: what it is and where it stands, above and below it; twice the same thing is unfolded once."""
    del project
    assert ask("order.usual") == (
        "feature order.usual  avg(price) by shop  mlops.yaml:23\n"
        "\n"
        "made of\n"
        "├─ column orders.at  timestamp\n"
        "│  └─ dataset orders  5 columns\n"
        "│     └─ file data/orders.csv  csv  [not here]\n"
        "├─ column orders.shop  string\n"
        "│  └─ dataset orders  5 columns (see above)\n"
        "└─ column orders.price  float\n"
        "   └─ dataset orders  5 columns (see above)\n"
        "\n"
        "needed by\n"
        "├─ model pays  binary-classification, 3 features  [not compiled]\n"
        "│  ├─ metric pays.lost  sum(case when prediction and not actual then price end)\n"
        "│  ├─ metric pays.all by shop\n"
        "│  ├─ gate pays.roc_auc >= 0.75\n"
        "│  ├─ service pays.api  HTTP on port 8080\n"
        "│  └─ monitor drift  data-drift\n"
        "└─ monitor drift  data-drift\n"
        "\n"
        "note: the files on disk are not what mlops.yaml says now; run `mlopsc compile`\n"
    )


def test_lineage_of_a_name_that_two_things_have_is_that_of_both(project: Path) -> None:
    """A column and the feature that passes it through; a kind in front chooses."""
    del project
    assert [one["id"] for one in asked("shop")["artifacts"]] == ["column:orders.shop", "feature:order.shop"]
    assert [one["id"] for one in asked("feature:order.shop")["artifacts"]] == ["feature:order.shop"]


def test_lineage_draws_a_flowchart(project: Path) -> None:
    """From what it is made of to what depends on it, and what was asked for stands out."""
    del project
    assert ask("label:pays.label", "--format", "mermaid").splitlines() == [
        "flowchart LR",
        '  n0["file data/orders.csv"]',
        '  n1["dataset orders"]',
        '  n2["column orders.paid"]',
        '  n3["label pays.label"]',
        '  n4["model pays"]',
        '  n5["metric pays.lost"]',
        '  n6["metric pays.all by shop"]',
        '  n7["gate pays.roc_auc #gt;= 0.75"]',
        '  n8["service pays.api"]',
        '  n9["monitor drift"]',
        "  n0 --> n1",
        "  n1 --> n2",
        "  n2 --> n3",
        "  n3 --> n4",
        "  n4 --> n5",
        "  n4 --> n6",
        "  n4 --> n7",
        "  n4 --> n8",
        "  n4 --> n9",
        "  style n3 stroke-width:4px",
    ]


def test_lineage_of_nothing_lists_the_models(project: Path) -> None:
    """The way in: models with their data and state, and what may be asked."""
    (project / "data").mkdir()
    (project / "data" / "orders.csv").write_text("id\n")
    assert ask() == (
        "model  data             state\n"
        "-----  ---------------  ------------\n"
        "pays   data/orders.csv  not compiled\n"
        "\n"
        "ask further:\n"
        "  mlopsc lineage pays\n"
        "  mlopsc lineage orders.id\n"
        "  mlopsc lineage order.cheap\n"
        "  mlopsc lineage data/orders.csv\n"
        "  mlopsc lineage .mlops/work/pays/ingest\n"
        "\n"
        "note: the files on disk are not what mlops.yaml says now; run `mlopsc compile`\n"
    )


def test_lineage_of_a_file_is_that_of_what_holds_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a step writes, one of the generated code, one that the compiler wrote: from any folder."""
    assert CliRunner().invoke(cli, ["compile"]).exit_code == 0
    (output,) = asked(".mlops/work/pays/train/model.skops")["artifacts"]
    assert output["id"] == "output:.mlops/work/pays/train"
    assert "step:pays/split" in output["made_of"]
    assert "step:pays/gate" in output["needed_by"]
    monkeypatch.chdir(project / "mlops")
    (code,) = asked("runtime/train/fit.py")["artifacts"]
    assert code["id"] == "code:mlops/runtime/train"
    (config,) = asked("models/pays/config.json")["artifacts"]
    assert (config["id"], config["made_of"][-1]) == ("generated:mlops/models/pays/config.json", "model:pays")
    states = {one["id"]: one["state"] for one in asked("pays/train")["things"]}
    assert states["step:pays/train"] == "never ran"


def test_lineage_names_the_nearest_where_there_is_no_such_thing(project: Path) -> None:
    """A slip is answered with the name, anything else with the way to find one; both are wrong usage."""
    del project
    assert ask("orders.prise", code=2) == (
        "nothing here is called 'orders.prise'\n  help: did you mean 'orders.price'?"
    )
    assert ask("zzzzzz", code=2).endswith("  help: `mlopsc lineage` without a name says what there is")


def test_lineage_says_that_a_version_is_older_than_its_configuration(project: Path) -> None:
    """Whoever registered it: hashes of its configuration and of its data are held against what is here."""
    (project / "data").mkdir()
    (project / "data" / "orders.csv").write_text("id\n")
    assert CliRunner().invoke(cli, ["compile"]).exit_code == 0
    folder = project / ".mlops/work/pays/register"
    folder.mkdir(parents=True)
    tags = {"config": "0" * 64, "data.orders": "1" * 64, "gates": "none", "git_commit": "a" * 40}
    record = {"name": "shop.pays", "version": "3", "alias": "challenger", "run_id": "b" * 32, "tags": tags}
    (folder / "registered.json").write_text(json.dumps(record))
    found = asked("pays@3")
    assert found["artifacts"][0]["made_of"][-4:] == [
        "data:orders 111111111111",
        "recorded:config 000000000000",
        "recorded:commit aaaaaaaaaaaa",
        f"recorded:run {'b' * 32}",
    ]
    states = {one["id"]: one["state"] for one in found["things"]}
    assert states["version:pays@3"] == "stale: the configuration, the data of orders changed since"
    assert asked("b" * 32)["artifacts"][0]["id"] == "version:pays@3"


def test_lineage_names_the_command_that_fetches_data(project: Path) -> None:
    """With the pointer alone, the check is silent, and the state of the file is how to get it."""
    (project / "data").mkdir()
    (project / "data" / "orders.csv.dvc").write_text("outs:\n- md5: 0123\n  path: orders.csv\n")
    assert CliRunner().invoke(cli, ["check", "--strict"]).exit_code == 0
    states = {one["id"]: one["state"] for one in asked("orders")["things"]}
    assert states["file:data/orders.csv"] == "not here: dvc pull data/orders.csv.dvc"


def test_lineage_keeps_its_schema(project: Path, repository: Path) -> None:
    """What scripts rely on is written down, and holds."""
    del project
    schema = json.loads((repository / "schemas/output/lineage.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for arguments in ((), ("pays",), ("pays/train",)):
        jsonschema.validate(asked(*arguments), schema)


def test_lineage_of_the_reference_spec_is_quick_and_whole(repository: Path) -> None:
    """Every section of the language has its place: the answer for a column of labels names both monitors' needs."""
    spec = repository / "tests/fixtures/flight-delays.mlops.yaml"
    (answer,) = asked("flights.arr_delay", "--spec", os.fspath(spec))["artifacts"]
    assert {"feature:flight_features.carrier_delay_7d", "label:late-arrival.label", "monitor:accuracy"} <= set(
        answer["needed_by"]
    )
