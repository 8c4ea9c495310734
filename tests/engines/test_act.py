"""The workflows run: act executes them on this machine, with stubs for what only exists on GitHub.

What act cannot prove: approvals, permissions and concurrency are GitHub's, and the self-repository syntax of reusable
workflows is rewritten to the older one, which act knows.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.engine

STUB = """\
name: stub
description: Stands in for {name}
inputs:
  python-version: {{required: false}}
  name: {{required: false}}
  path: {{required: false}}
  include-hidden-files: {{required: false}}
  if-no-files-found: {{required: false}}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        NAME: ${{{{ inputs.name }}}}
        FILES: ${{{{ inputs.path }}}}
      run: |
        test -z "$NAME" && exit 0
        mkdir -p "{artifacts}/$NAME"
        for file in $FILES; do test ! -e "$file" || cp "$file" "{artifacts}/$NAME"; done
"""


RECORDER = """\
import os, sys
with open({record!r}, "a") as record:
    print(*sys.argv[1:], file=record)
if sys.argv[1] == "monitor":
    with open(os.environ["GITHUB_OUTPUT"], "a") as outputs:
        print("retrain=" + ("true" if sys.argv[2] == "drift" else "false"), file=outputs)
"""

DEPLOYED = """\
    deploy: {{api: {{}}}}
images: {{registry: {registry}/team}}
environments: {{staging: {{}}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a workflow ended."""

    code: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """act, with everything that it writes below one folder."""

    program: str
    python: Path  # folder of the runner's programs
    folder: Path

    @property
    def storage(self) -> Path:
        """Where the workflows keep the home."""
        return self.folder / "storage"

    @property
    def artifacts(self) -> Path:
        """Where uploaded reports go."""
        return self.folder / "artifacts"

    def report(self, artifact: str, file: str) -> Any:
        """An uploaded report."""
        return json.loads((self.artifacts / artifact / file).read_text(encoding="utf-8"))

    def run(self, root: Path, event: str, workflow: str, *options: str, schedule: str | None = None) -> Ran:
        """Run one workflow of a repository, as one of its schedules starts it where that is the event."""
        payload = self.folder / "event.json"
        content = {"repository": {"default_branch": "main"}, **({"schedule": schedule} if schedule else {})}
        payload.write_text(json.dumps(content), encoding="utf-8")
        command = [
            *(self.program, event, "--workflows", f".github/workflows/{workflow}", "--eventpath", str(payload)),
            *("--platform", "ubuntu-24.04=-self-hosted", "--action-offline-mode", "--secret", "GITHUB_TOKEN=none"),
            *("--var", f"MLOPS_STORAGE={self.storage}", *self._stubs(root), *options),
        ]
        programs = f"{self.python}{os.pathsep}{Path(self.program).parent}{os.pathsep}{os.environ['PATH']}"
        surroundings = {"PATH": programs, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")}
        done = subprocess.run(
            command, cwd=root, env={**os.environ, **surroundings}, capture_output=True, text=True, check=False
        )
        return Ran(code=done.returncode, output=done.stdout + done.stderr)

    def _stubs(self, root: Path) -> list[str]:
        used = {action for file in (root / ".github/workflows").glob("*.yml") for action in _remote_actions(file)}
        options = []
        for action in sorted(used):
            options += ["--local-repository", f"{action}={self._stub(action.partition('@')[0])}"]
        return options

    def _stub(self, name: str) -> Path:
        folder = self.folder / "stubs" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "action.yml").write_text(STUB.format(name=name, artifacts=self.artifacts), encoding="utf-8")
            subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
        return folder


def _remote_actions(file: Path) -> set[str]:
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values()
    used = {step["uses"] for job in jobs for step in job.get("steps", ()) if "uses" in step}
    return {action for action in used if not action.startswith("actions/checkout@")}


@pytest.fixture
def act(tool: Callable[[str], str], runner_python: Path, tmp_path: Path) -> Act:
    """act, in a folder of its own."""
    folder = tmp_path / "act"
    folder.mkdir()
    return Act(program=tool("act"), python=runner_python, folder=folder)


def test_train_workflow_runs_to_the_end(act: Act, committed: Callable[..., Path]) -> None:
    """Training uploads its reports, and keeps the home: the second version is number two."""
    root = committed("penguins")
    for number, event in enumerate(("push", "workflow_dispatch"), start=1):
        ran = act.run(root, event, "penguin-species-train.yml")
        assert ran.code == 0, ran.output
        assert "Job succeeded" in ran.output
        assert [file.name for file in act.storage.iterdir()] == ["state.tar.gz"]
        assert act.report("penguin-species-reports", "registered.json")["version"] == str(number)
    gates = act.report("penguin-species-reports", "gates.json")
    assert [(gate["gate"], gate["verdict"]) for gate in gates] == [("accuracy", "pass")]


def test_failed_gate_stops_the_workflow(act: Act, committed: Callable[..., Path]) -> None:
    """A model that fails its gate is neither registered nor kept, and the verdict is uploaded."""
    root = committed("penguins", lambda spec: spec.replace("min: 0.9}", "min: 1.0}"))
    ran = act.run(root, "push", "penguin-species-train.yml")
    assert ran.code == 1
    assert "Failure - Main Evaluate and judge" in ran.output
    assert "Main Register and package" not in ran.output
    assert not act.storage.exists()
    gates = act.report("penguin-species-reports", "gates.json")
    assert [gate["verdict"] for gate in gates] == ["fail"]


def test_training_deploys_what_passed_its_gates(
    act: Act, committed: Callable[..., Path], registry: str, docker_engine: str
) -> None:
    """The train workflow calls the deploy workflow: image built, tried, pushed, released, version made champion."""
    served = DEPLOYED.format(registry=registry)
    root = committed("penguins", lambda spec: spec.rstrip() + "\n" + served, older_calls=True)
    ran = act.run(
        root, "push", "penguin-species-train.yml", *("--secret", "REGISTRY_TOKEN=x", "--var", "REGISTRY_USER=x")
    )
    image = f"{registry}/team/penguin-species"
    subprocess.run([docker_engine, "image", "rm", "--force", f"{image}:1", f"{image}:staging"], check=False)
    assert ran.code == 0, ran.output
    with urllib.request.urlopen(f"http://{registry}/v2/team/penguin-species/tags/list", timeout=10) as answer:
        assert sorted(json.load(answer)["tags"]) == ["1", "staging"]
    surroundings = {**os.environ, "MLOPS_STORAGE": str(act.storage)}
    for arguments in (["state", "pull"], ["models", "list"]):
        done = subprocess.run(
            [sys.executable, "-m", "mlops", *arguments],
            cwd=root, env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "champion" in done.stdout


def test_breach_starts_training(act: Act, committed: Callable[..., Path]) -> None:
    """Only the monitors of the schedule that came run; one that asks for a new model starts the train workflow."""
    root = committed("flight-delays", lambda spec: re.sub(r"\n      api: .*", "", spec), older_calls=True)
    record = act.folder / "record.txt"
    (root / "mlops" / "__main__.py").write_text(RECORDER.format(record=str(record)), encoding="utf-8")
    for requirements in root.glob("mlops/**/requirements*.txt"):
        requirements.write_text("", encoding="utf-8")
    ran = act.run(root, "schedule", "flight-delays-monitor.yml", schedule="0 6 1 * *")
    assert ran.code == 0, ran.output
    keep = ["state pull", "state push"]
    assert record.read_text(encoding="utf-8").splitlines() == [
        *("state pull", "monitor drift", *keep),
        *("state pull", "monitor shape", *keep),
        "state pull",
        "late-arrival ingest validate",
        "late-arrival features split train",
        "late-arrival evaluate gate",
        "late-arrival register package",
        *keep,
    ]


def test_ci_accepts_what_was_compiled(act: Act, committed: Callable[..., Path]) -> None:
    """The spec is checked, the plan is said, nothing differs, and the data in the repository keeps its contract."""
    root = committed("penguins")
    publish(root)
    ran = act.run(root, "push", "penguin-species-ci.yml")
    assert ran.code == 0, ran.output
    assert "Success - Main Compare the generated files with the spec" in ran.output
    assert "Success - Main Check the data, where it is in the repository" in ran.output


def test_ci_refuses_a_file_that_was_edited(act: Act, committed: Callable[..., Path]) -> None:
    """A generated file that does not fit the spec fails the job, and is named."""
    root = committed("penguins")
    publish(root)
    config = root / "mlops" / "models" / "penguin-species" / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace("0.9", "0.1"), encoding="utf-8")
    ran = act.run(root, "push", "penguin-species-ci.yml", "--job", "spec")
    assert ran.code == 1
    assert "Failure - Main Compare the generated files with the spec" in ran.output
    assert "mlops/models/penguin-species/config.json" in ran.output


def publish(root: Path) -> None:
    """Give the repository a remote, as a checkout on GitHub has one."""
    remote = root.parent / "remote.git"
    for command in (
        ["git", "clone", "--quiet", "--bare", str(root), str(remote)],
        ["git", "remote", "add", "origin", str(remote)],
        ["git", "fetch", "--quiet", "origin"],
    ):
        subprocess.run(command, cwd=root, check=True)
