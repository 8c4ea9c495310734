"""Packaged models on real data, and a server as its own process on a free port."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

READY = re.compile(r"serving on (http://\S+)")
START_SECONDS = 120
STOP_SECONDS = 30


@dataclass
class Answer:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)


@dataclass
class Running:
    """A server process and its address."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path

    def get(self, path: str) -> Answer:
        """One GET."""
        return self.send(urllib.request.Request(self.url + path))

    def post(self, path: str, content: object, headers: dict[str, str] | None = None) -> Answer:
        """One POST; bytes are sent as they are, anything else as JSON."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"} | (headers or {})
        return self.send(urllib.request.Request(self.url + path, data=data, headers=headers))

    def send(self, request: urllib.request.Request) -> Answer:
        """Any request; a refusal is an answer too."""
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read().decode())

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Stop the process; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)


Start = Callable[..., Any]


@pytest.fixture
def start() -> Start:
    """Start ``python -m mlops MODEL serve --port 0`` in a project's folder, as a context manager."""

    @contextmanager
    def run(project: Any, **environment: str) -> Iterator[Running]:
        output = project.folder / "server.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_"))}
        with output.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mlops", str(project.config["model"]), "serve", "--port", "0"],
                cwd=project.folder,
                env={**kept, **project.environment, **environment},
                stdout=log,
                stderr=log,
            )
        try:
            yield Running(_address(process, output), process, output)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    return run


def _address(process: subprocess.Popen[bytes], output: Path) -> str:
    for _ in range(START_SECONDS * 10):
        found = READY.search(output.read_text(encoding="utf-8"))
        if found:
            return found.group(1)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{output.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was made once in this session: packages by model, compiled bytecode, a prediction log."""
    return tmp_path_factory.mktemp("packages")


def deployed(project: Any, package: Path, packages: Path) -> Any:
    """The project with a copy of ``package``, which logs all of its predictions."""
    shutil.copytree(package, project.work / "package")
    project.config["api"] = {"port": 8080, "log": {"sample": 1.0, "redact": [], "retention_seconds": None}}
    project.environment |= bytecode(packages)
    project.write()
    return project


def bytecode(packages: Path) -> dict[str, str]:
    """Many processes import the same libraries: compiled once, they start in a third of the time."""
    return {"PYTHONPYCACHEPREFIX": str(packages / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}


@pytest.fixture
def late_arrival(flights: Any, trained_flights: Any, packages: Path) -> Any:
    """Will a flight arrive late: a window feature and one that only DuckDB computes."""
    return deployed(flights, trained_flights.work / "package", packages)


@pytest.fixture
def species(penguins: Any, trained_penguins: Any, packages: Path) -> Any:
    """Which species a penguin is: three classes, missing values, no key and no time."""
    return deployed(penguins, trained_penguins.work / "package", packages)


@pytest.fixture
def progression(diabetes: Any, packages: Path) -> Any:
    """How far diabetes has progressed: a value instead of a class."""
    kept = packages / "progression"
    if not kept.exists():
        diabetes.environment |= bytecode(packages)
        diabetes.step("all")
        (diabetes.work / "package").rename(kept)
    return deployed(diabetes, kept, packages)
