"""The workflows of every example: no judge has a finding, and they say what the spec says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Compiled = Callable[..., Path]
Tool = Callable[[str], str]
Judge = Callable[[list[str], Path], str]
EXAMPLES = ("penguins", "flight-delays", "diabetes", "own-training")
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def workflows(root: Path) -> list[Path]:
    """The workflow files of a repository."""
    return sorted((root / ".github" / "workflows").glob("*.yml"))


def parsed(root: Path, kind: str) -> Mapping[str, Any]:
    """The workflow of one kind as data, with ``on`` as a text."""
    (file,) = (file for file in workflows(root) if file.stem.endswith(f"-{kind}"))
    return dict(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))  # noqa: S506  (texts only)


def steps(workflow: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every step of every job."""
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def zizmor(tool: Tool) -> list[str]:
    """The strictest audit."""
    flags = ("--offline", "--persona=auditor", "--strict-collection", "--no-ignores", "--no-progress")
    return [tool("zizmor"), *flags, ".github/workflows"]


@pytest.mark.parametrize("folder", ["", "teams/forecasting"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_workflows_have_no_finding(example: str, folder: str, compiled: Compiled, tool: Tool, judge: Judge) -> None:
    """The audit, the linter (with the shell's own linter) and the schema accept every workflow of an example."""
    root = compiled(example, folder)
    files = [str(file.relative_to(root)) for file in workflows(root)]
    assert {"ci.yml", "train.yml"} <= {file.rpartition("-")[2] for file in files}
    assert "No findings to report" in judge(zizmor(tool), root)
    judge([tool("actionlint"), "-shellcheck", tool("shellcheck"), *files], root)
    judge([tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files], root)


def test_judges_find_what_is_wrong(compiled: Compiled, tool: Tool, tmp_path: Path) -> None:
    """The audit that is silent about our workflows is not silent about one with a loosened permission."""
    file = tmp_path / ".github" / "workflows" / "ci.yml"
    file.parent.mkdir(parents=True)
    source = workflows(compiled("penguins"))[0].read_text(encoding="utf-8")
    file.write_text(source.replace("permissions: {}", "permissions: write-all"), encoding="utf-8")
    done = subprocess.run(zizmor(tool), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "excessive-permissions" in done.stdout


@pytest.mark.parametrize("example", EXAMPLES)
def test_workflows_are_hardened(example: str, compiled: Compiled) -> None:
    """Nothing is granted by default, every action is pinned, and no expression stands in a script."""
    for file in workflows(compiled(example)):
        text = file.read_text(encoding="utf-8")
        workflow = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (texts only)
        assert workflow["permissions"] == {}, file.name
        remote = [line for line in text.splitlines() if "uses:" in line and "uses: $/" not in line]
        assert [line for line in remote if not PINNED.search(line)] == []
        assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_train_workflow_starts_as_the_spec_says(compiled: Compiled) -> None:
    """Pushes that matter, the schedule of the spec, people, and other workflows."""
    workflow = parsed(compiled("flight-delays"), "train")
    assert workflow["on"]["schedule"] == [{"cron": "0 2 * * 1"}]
    assert workflow["on"]["push"] == {
        "branches": ["main", "master"],
        "paths": ["mlops/features/**", "mlops/models/**", "mlops/runtime/**", "data/flights.parquet"],
    }
    assert workflow["on"]["workflow_dispatch"]["inputs"]["model"]["options"] == ["all", "late-arrival"]
    assert list(workflow["jobs"]) == ["train-late-arrival", "deploy-late-arrival"]


def test_train_job_runs_every_step_in_order(compiled: Compiled) -> None:
    """The job runs the steps of the plan by the command that everybody else uses."""
    runs = [step["run"] for step in steps(parsed(compiled("penguins"), "train")) if "run" in step]
    assert runs == [
        "python -m pip install --requirement mlops/models/penguin-species/requirements-train.txt",
        "python -m mlops state pull",
        "python -m mlops penguin-species ingest validate",
        "python -m mlops penguin-species features split train",
        "python -m mlops penguin-species evaluate gate",
        "python -m mlops penguin-species register package",
        "python -m mlops state pull && python -m mlops state push",
    ]


def test_monitor_workflow_keeps_time_zones(compiled: Compiled) -> None:
    """Each schedule once, in the time zone of the spec."""
    workflow = parsed(compiled("flight-delays"), "monitor")
    zone = "America/New_York"
    assert workflow["on"]["schedule"] == [
        {"cron": "0 6 1 * *", "timezone": zone},
        {"cron": "30 6 1 * *", "timezone": zone},
        {"cron": "45 6 1 * *", "timezone": zone},
    ]


def test_breach_calls_the_train_workflow(compiled: Compiled) -> None:
    """Retraining goes through the train workflow, gates and all, and only for monitors that ask for it."""
    job = parsed(compiled("flight-delays"), "monitor")["jobs"]["retrain-late-arrival"]
    assert job["uses"] == "$/.github/workflows/flight-delays-train.yml"
    assert job["with"] == {"model": "late-arrival"}
    assert job["needs"] == ["monitor-accuracy", "monitor-drift", "monitor-shape"]
    assert job["if"] == (
        "${{ !cancelled() && (needs.monitor-accuracy.outputs.retrain == 'true' || "
        "needs.monitor-drift.outputs.retrain == 'true') }}"
    )


def test_release_goes_through_the_environments_in_order(compiled: Compiled) -> None:
    """Each environment waits for the one before it, and the champion moves last."""
    jobs = parsed(compiled("flight-delays"), "deploy")["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "build": None,
        "release-staging": ["build"],
        "release-production": ["build", "release-staging"],
        "promote": ["build", "release-production"],
    }
    assert jobs["release-production"]["environment"] == "production"


def test_ci_workflow_needs_no_secret(compiled: Compiled) -> None:
    """A pull request from a fork has no secrets, so ci must not name one."""
    for example in EXAMPLES:
        (file,) = (file for file in workflows(compiled(example)) if file.stem.endswith("-ci"))
        assert "secrets." not in file.read_text(encoding="utf-8")


def test_project_in_a_subfolder_runs_there(compiled: Compiled) -> None:
    """Workflows stand at the Git root and work in the project folder; only its files start them."""
    workflow = parsed(compiled("penguins", "teams/forecasting"), "train")
    assert workflow["defaults"] == {"run": {"working-directory": "teams/forecasting/"}}
    assert workflow["on"]["push"]["paths"] == [
        "teams/forecasting/mlops/features/**",
        "teams/forecasting/mlops/models/**",
        "teams/forecasting/mlops/runtime/**",
        "teams/forecasting/data/penguins.csv",
    ]


def test_batch_answers_are_kept_with_the_home(compiled: Compiled) -> None:
    """A runner forgets its files: what the spec puts beside itself goes where the storage takes it from."""
    runs = [step["run"] for step in steps(parsed(compiled("flight-delays"), "batch")) if "run" in step]
    assert runs == [
        "python -m pip install --requirement mlops/models/late-arrival/requirements-serve.txt",
        "python -m mlops state pull",
        "python -m mlops late-arrival batch --output .mlops/batch/late-arrival/late-arrival.parquet",
        "python -m mlops state pull && python -m mlops state push",
    ]
