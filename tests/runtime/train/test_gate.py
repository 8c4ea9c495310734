"""Gates: pass, fail, insufficient; what blocks; champion against challenger on rows that neither knows."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

TRAINED = ("ingest", "features", "split", "train", "evaluate")


def verdicts(project: Any) -> dict[str, tuple[Any, ...]]:
    """Verdict, whether it blocks, and why, by gate."""
    return {gate["gate"]: (gate["verdict"], gate["blocks"], gate["why"]) for gate in project.read("gate/gates.json")}


def judge(project: Any, *gates: dict[str, Any], code: int = 0) -> Any:
    """Run the gate step with these gates."""
    project.config["gates"] = [{"goal": "maximize", **gate} for gate in gates]
    project.write()
    return project.step("gate", code=code)


@pytest.fixture(scope="module")
def first_champion(tmp_path_factory: pytest.TempPathFactory, make_diabetes: Any) -> Any:
    """A model of diabetes that was trained and promoted."""
    project = make_diabetes(tmp_path_factory.mktemp("champion"))
    project.config["gates"] = [{"kind": "champion", "metric": "mae", "goal": "minimize", "min_delta": -100}]
    project.write()
    project.step("all")
    project.run("models", "promote", "progression", "--by", "ada", "--why", "first")
    return project


@pytest.fixture
def promoted(first_champion: Any, tmp_path: Path) -> Any:
    """The same in a folder of its own, free to change."""
    folder = tmp_path / "copy"
    shutil.copytree(first_champion.folder, folder)
    changed = copy.deepcopy(first_champion)
    changed.folder = folder
    return changed


def test_gate_that_fails_exits_with_5_and_stops_what_follows(penguins: Any, tmp_path: Any) -> None:
    """The table and gates.json are there, register does not run, the summary page has the table."""
    penguins.config["gates"] = [{"kind": "metric", "metric": "accuracy", "min": 0.999, "goal": "maximize"}]
    penguins.write()
    summary = tmp_path / "summary.md"
    done = penguins.run("species", *TRAINED, "gate", "register", code=5, GITHUB_STEP_SUMMARY=str(summary))
    assert done.stdout.splitlines()[-3:] == [
        "gate      value   bound      verdict        why",
        "--------  ------  ---------  -------------  -------",
        "accuracy  0.9853  >= 0.9990  fail (blocks)  68 rows",
    ]
    assert done.stderr == "error[species gate]: blocked by 1 of 1 gates: accuracy\n"
    assert summary.read_text() == (
        "### Gates of species\n\n| gate | value | bound | verdict | why |\n| --- | --- | --- | --- | --- |\n"
        "| accuracy | 0.9853 | >= 0.9990 | fail (blocks) | 68 rows |\n\n"
    )
    assert not (penguins.work / "register").exists()
    refused = penguins.step("register", code=5)
    assert "not registered: blocked by accuracy" in refused.stderr


def test_gates_of_flights_are_judged_as_their_metrics_say(trained_flights: Any) -> None:
    """Every kind of gate has its verdict; without a champion the comparison is insufficient and does not block."""
    found = verdicts(trained_flights)
    assert found["roc_auc"] == ("pass", False, "49,113 rows")
    assert found["average_precision vs champion"] == ("insufficient", False, "no champion yet")
    assert found["roc_auc by origin"][:2] == ("pass", False)
    assert found["roc_auc by origin"][2] == "worst of 3: JFK"
    assert found["saved_minutes"] == ("pass", False, "49,113 rows")
    assert {"latency_p95", "model_size"} < set(found)


def test_slice_with_too_few_rows_is_insufficient_as_the_spec_says(penguins: Any) -> None:
    """Torgersen has nine test rows: the verdict is insufficient, and blocks unless the spec lets it warn."""
    penguins.step(*TRAINED)
    by_island = {"kind": "metric", "metric": "accuracy", "slice": "island", "min": 0.9, "min_rows": 10}
    judge(penguins, by_island, code=5)
    why = "worst of 2: Biscoe; too few: Torgersen (9 rows, needs 10)"
    assert verdicts(penguins) == {"accuracy by island": ("insufficient", True, why)}
    judge(penguins, {**by_island, "insufficient": "warn"})
    assert verdicts(penguins) == {"accuracy by island": ("insufficient", False, why)}
    judge(penguins, {**by_island, "min_rows": 0, "min": 0.99}, code=5)
    assert verdicts(penguins)["accuracy by island"] == ("fail", True, "worst of 3: Biscoe; below: Biscoe")


def test_size_and_latency_are_bounded_in_bytes_and_seconds(diabetes: Any) -> None:
    """A model of a few kilobytes is above a hundred bytes."""
    diabetes.step(*TRAINED)
    size = diabetes.read("evaluate/metrics.json")["model_bytes"]
    files = [diabetes.work / "train" / name for name in ("model.skops", "model.json")]
    assert size == sum(file.stat().st_size for file in files)
    done = judge(diabetes, {"kind": "model_size", "max": 100}, {"kind": "latency_p95", "max": 60}, code=5)
    assert verdicts(diabetes)["model_size"][:2] == ("fail", True)
    assert verdicts(diabetes)["latency_p95"][:2] == ("pass", False)
    assert "<= 60000.00 ms" in done.stdout


def test_champion_is_scored_on_the_same_rows(promoted: Any) -> None:
    """A worse challenger loses against the champion that was promoted, a smaller demand lets it through."""
    versus = {"kind": "champion", "metric": "rmse", "goal": "minimize"}
    before = promoted.read("evaluate/metrics.json")["metrics"]["rmse"]
    assert verdicts(promoted)["mae vs champion"] == ("insufficient", False, "no champion yet")
    promoted.config["train"]["params"] = {"alpha": 10000.0}
    promoted.write()
    promoted.step("train", "evaluate")
    after = promoted.read("evaluate/metrics.json")["metrics"]["rmse"]
    judge(promoted, versus, code=5)
    assert verdicts(promoted)["rmse vs champion"] == ("fail", True, f"gain {before - after:+.4f} on 95 rows")
    assert promoted.read("gate/gates.json")[0]["bound"] == f"champion {before:.4f}, gain >= 0"
    judge(promoted, {**versus, "min_delta": before - after - 0.001})
    assert verdicts(promoted)["rmse vs champion"][0] == "pass"


def test_rows_that_the_champion_knows_are_left_out(promoted: Any) -> None:
    """After another split the champion knows most test rows; only the others count, and the gate says how many."""
    known = set(promoted.rows("SELECT patient FROM read_parquet(['split/train.parquet', 'split/validation.parquet'])"))
    promoted.config["split"]["seed"] = 1
    promoted.write()
    promoted.step(*TRAINED, "gate")
    test = set(promoted.rows("SELECT patient FROM 'split/test.parquet'"))
    fresh, left_out = len(test - known), len(test & known)
    why = verdicts(promoted)["mae vs champion"][2]
    assert why.endswith(f"on {fresh} rows, {left_out} left out that the champion knows")


def test_champion_with_other_features_still_runs(promoted: Any) -> None:
    """The champion brings its own features; the project's may have changed since."""
    module = promoted.folder / "mlops" / "features" / "patient.py"
    module.write_text(module.read_text().replace("'bmi': 'bmi'", "'bmi': 'bmi * bmi'"))
    promoted.config["features"] = [f for f in promoted.config["features"] if f["name"] != "age"]
    promoted.write()
    promoted.step(*TRAINED, "gate")
    assert verdicts(promoted)["mae vs champion"][0] == "pass"
    assert verdicts(promoted)["mae vs champion"][2].endswith("on 95 rows")


def test_champion_that_cannot_run_any_more_is_insufficient(promoted: Any) -> None:
    """When a column that it needs is gone, the gate says so, and the spec decides."""
    promoted.config["gates"] = [{"kind": "champion", "metric": "mae", "goal": "minimize", "insufficient": "pass"}]
    del promoted.config["datasets"]["patients"]["columns"]["age"]
    for key in ("features", "request"):
        promoted.config[key] = [item for item in promoted.config[key] if item["name"] != "age"]
    promoted.write()
    promoted.step(*TRAINED, "gate")
    verdict, blocks, why = verdicts(promoted)["mae vs champion"]
    assert (verdict, blocks) == ("insufficient", False)
    assert why.startswith("cannot be compared: the champion's features cannot be computed any more: Binder Error")
