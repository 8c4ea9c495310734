"""The generated repository of the flights, by the commands of its own README, where mlopsc is not installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PACKAGES = re.compile(r"^pip install -r (\S+)$", re.MULTILINE)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
NOVEMBER = "2013-11-01T12:00:00Z"
LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class Standalone:
    """A compiled project and an environment made from nothing but its requirements."""

    def __init__(self, project: Path, environment: Path) -> None:
        self.project = project
        path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.env = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(environment), "USER": "somebody"}
        self.blocks = BLOCK.findall((project / "mlops" / "README.md").read_text(encoding="utf-8"))

    def block(self, words: str) -> str:
        """The commands of the README that hold ``words``, without the installation."""
        [found] = [block for block in self.blocks if words in block]
        return PACKAGES.sub("", found).strip()

    def shell(self, commands: str) -> str:
        """What the commands print; they must succeed."""
        done = subprocess.run(
            ["bash", "-euc", commands], cwd=self.project, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def standalone(compiled: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Standalone:
    """The flights with their data, and the environment that the README of the generated folder describes."""
    project = compiled("flight-delays")
    subprocess.run([sys.executable, "data.py"], cwd=project, check=True, capture_output=True)
    environment = tmp_path_factory.mktemp("environment")
    requirements = PACKAGES.findall((project / "mlops" / "README.md").read_text(encoding="utf-8"))
    names = [part for name in dict.fromkeys(requirements) for part in ("--requirement", str(project / name))]
    python = str(environment / "bin" / "python")
    if shutil.which("uv"):
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)], check=True)
        installing = ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *names]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        installing = [python, "-m", "pip", "install", "--quiet", *names]
    subprocess.run(installing, check=True)
    return Standalone(project, environment)


@contextmanager
def serving(standalone: Standalone) -> Iterator[str]:
    """The address of the service, started by the README's command on a free port."""
    command = standalone.block("serve --port").replace("--port 8080", "--port 0").split()
    process = subprocess.Popen(command, cwd=standalone.project, env=standalone.env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        address = None
        while address is None:  # the pipe ends with the process, so this does too
            line = process.stdout.readline()
            assert line, "the service ended before it listened"
            address = LISTENING.search(line)
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def train(standalone: Standalone) -> None:
    """The steps run to the package, every gate that can be judged passes, and the promoted version is the champion."""
    absent = standalone.shell("python -c 'import importlib.util as u; print(u.find_spec(\"mlopsc\"))'")
    assert absent == "None\n"
    standalone.shell(standalone.block("ingest validate features"))
    gates = json.loads((standalone.project / ".mlops/work/late-arrival/gate/gates.json").read_text(encoding="utf-8"))
    assert {gate["verdict"] for gate in gates} == {"pass", "insufficient"}
    assert [gate["gate"] for gate in gates if gate["verdict"] == "insufficient"] == ["average_precision vs champion"]
    standalone.shell(standalone.block("models promote"))
    assert "champion" in standalone.shell("python -m mlops models list")


def serve(standalone: Standalone) -> None:
    """The service answers one real flight with a score, a decision and the version that gave it."""
    request = standalone.shell("python -m mlops late-arrival show-request")
    with serving(standalone) as server:
        posted = urllib.request.Request(
            f"{server}/predict", data=request.encode(), headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(posted, timeout=30) as response:
            answer = json.loads(response.read())
    assert 0 <= answer["score"] <= 1
    assert answer["prediction"] in (True, False)
    assert answer["version"] == "1"


def monitor(standalone: Standalone) -> None:
    """October is scored in a batch; each monitor of the README then reaches a verdict about it."""
    assert "28,889 rows scored" in standalone.shell(standalone.block("late-arrival batch"))
    log = (standalone.project / ".mlops" / "predictions" / "late-arrival").glob("date=2013-10-*/*.jsonl")
    rows = [json.loads(line) for file in log for line in file.read_text(encoding="utf-8").splitlines()]
    without = sum(row["features"]["carrier_delay_7d"] is None for row in rows)
    assert (len(rows), without / len(rows) < 0.05) == (28_889, True), without  # October's own flights are its history
    commands = standalone.block("monitor drift").splitlines()
    said = standalone.shell("\n".join(f"{command} --at {NOVEMBER}" for command in commands))
    assert re.findall(r"^verdict: (\w+): (\w+)", said, re.MULTILINE) == [
        ("accuracy", "ok"),
        ("contract", "ok"),
        ("drift", "breached"),
        ("shape", "ok"),
    ]


@pytest.mark.slow
def test_generated_repository_lives_without_the_compiler(standalone: Standalone) -> None:
    """By the commands of its own README it trains, gates, promotes, serves and monitors: one story, in order."""
    train(standalone)
    serve(standalone)
    monitor(standalone)
    assert len(list((standalone.project / ".mlops" / "monitors").glob("*/report.html"))) == 4
