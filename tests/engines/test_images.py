"""The images build on a Docker engine, answer, and log what they answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

SERVED = """\
    deploy: {api: {port: 8080}}
images: {registry: registry.example.com/team}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Docker:
    """The command line of an engine, in the folder of a project."""

    program: str
    folder: Path

    def __call__(self, *arguments: str) -> str:
        """What a command prints; the test fails where the command does."""
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"docker {arguments}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done.stdout.strip()


@pytest.fixture(scope="module")
def served(compile_copy: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The penguins with an API, trained and packaged here."""
    root = compile_copy("penguins", tmp_path_factory.mktemp("served"), lambda spec: spec.rstrip() + "\n" + SERVED)
    done = subprocess.run(
        [sys.executable, "-m", "mlops", "penguin-species", "all"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def image(served: Path, docker_engine: str) -> Iterator[str]:
    """The serving image, built by the command that its Dockerfile names."""
    docker, name = Docker(program=docker_engine, folder=served), f"mlopsc-test-{uuid.uuid4().hex[:12]}"
    arguments = ("--file", "mlops/docker/serve.Dockerfile", "--build-arg", "MODEL=penguin-species")
    docker("build", *arguments, "--build-arg", "REVISION=abc123", "--tag", name, ".")
    yield name
    docker("image", "rm", "--force", name)


def test_serving_image_answers_a_real_request(served: Path, image: str) -> None:
    """The smoke test of the deploy workflow prints the answer to a real request."""
    done = subprocess.run(
        ["bash", "mlops/docker/smoke-test.sh", image], cwd=served, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["prediction"] in {"Adelie", "Chinstrap", "Gentoo"}
    assert answer["version"] == "1"


def test_serving_image_holds_no_data_and_no_root(served: Path, image: str, docker_engine: str) -> None:
    """The image runs as a user without rights, and carries the package but neither rows nor the registry."""
    docker = Docker(program=docker_engine, folder=served)
    assert docker("run", "--rm", image, "id", "-u") == "10001"
    held = docker(
        "run", "--rm", image, "find", "/app", "-name", "*.parquet", "-o", "-name", "*.csv", "-o", "-name", "*.db"
    )
    assert held == ""
    label = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
    assert docker("image", "inspect", "--format", label, image) == "abc123"


@pytest.mark.slow
def test_training_image_runs_steps(served: Path, docker_engine: str, tmp_path: Path) -> None:
    """The training image runs steps on mounted data, and writes to the mounted home as the user who started it."""
    docker, name = Docker(program=docker_engine, folder=served), f"mlopsc-test-{uuid.uuid4().hex[:12]}"
    home = tmp_path / "home"
    home.mkdir()
    arguments = ("--file", "mlops/docker/train.Dockerfile", "--build-arg", "MODEL=penguin-species")
    docker("build", *arguments, "--tag", name, ".")
    try:
        volumes = ("--volume", f"{served / 'data'}:/app/data:ro", "--volume", f"{home}:/app/.mlops")
        user = ("--user", f"{os.getuid()}:{os.getgid()}")
        said = docker("run", "--rm", *user, *volumes, name, "penguin-species", "ingest", "validate")
    finally:
        docker("image", "rm", "--force", name)
    assert "penguins: 344 rows" in said
    report = json.loads((home / "work/penguin-species/ingest/ingest.json").read_text(encoding="utf-8"))
    assert report["datasets"]["penguins"]["rows"] == 344


def test_smoke_test_shows_why_an_image_does_not_answer(served: Path, image: str, docker_engine: str) -> None:
    """An image whose package is missing fails the smoke test, and its log says so."""
    broken = f"{image}-broken"
    docker = Docker(program=docker_engine, folder=served)
    dockerfile = f"FROM {image}\nENV MLOPS_PACKAGE=/app/nowhere\n"
    subprocess.run(
        [docker_engine, "build", "--tag", broken, "-"], input=dockerfile.encode(), check=True, capture_output=True
    )
    try:
        done = subprocess.run(
            ["bash", "mlops/docker/smoke-test.sh", broken], cwd=served, capture_output=True, text=True, check=False
        )
    finally:
        docker("image", "rm", "--force", broken)
    assert done.returncode == 1
    assert " stopped; its log:\n" in done.stderr
    assert "/app/nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_compose_serves_and_keeps_the_log(
    served: Path, image: str, docker_engine: str, tool: Callable[[str], str]
) -> None:
    """Compose waits until the service is healthy; an answered request is in the log on the volume."""
    docker = Docker(program=docker_engine, folder=served)
    tagged = "registry.example.com/team/penguin-species:test"
    docker("tag", image, tagged)
    surroundings = {**os.environ, "PENGUIN_SPECIES_VERSION": "test"}
    override = served / "free-port.yaml"
    override.write_text("services: {penguin-species: {ports: !override ['127.0.0.1::8080']}}\n", encoding="utf-8")
    files = ("--file", "mlops/deploy/compose.yaml", "--file", str(override), "--project-name", image)

    def compose(*arguments: str) -> str:
        done = subprocess.run(
            [tool("docker-compose"), *files, *arguments],
            cwd=served, env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    try:
        compose("up", "--detach", "--no-build", "--wait")
        address = compose("port", "penguin-species", "8080")
        body = (served / ".mlops/work/penguin-species/package/sample_request.json").read_bytes()
        request = urllib.request.Request(
            f"http://{address}/predict", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            identity = json.load(answer)["request_id"]
        compose("stop")
        compose("up", "--detach", "--no-build", "--wait")
        log = compose("exec", "penguin-species", "sh", "-c", "cat /var/lib/mlops/predictions/penguin-species/*/*.jsonl")
    finally:
        compose("down", "--volumes")
        docker("image", "rm", tagged)
    assert [json.loads(line)["request_id"] for line in log.splitlines()] == [identity]
