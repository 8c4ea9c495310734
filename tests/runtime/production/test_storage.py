"""The state of a project travels through every kind of storage, run as its own command."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).parents[3] / "templates" / "python" / "mlops"
PLAN = {
    "version": 1,
    "project": "penguins",
    "models": [],
    "monitors": {},
    "triggers": [],
    "storage": None,
    "variables": [],
    "secrets": [],
    "alerts": [],
}


class Machine:
    """A checkout with the generated folder, as a runner or a laptop has it."""

    def __init__(self, folder: Path, storage: str) -> None:
        self.folder, self.storage = folder, storage
        shutil.copytree(TEMPLATE, folder / "mlops")
        (folder / "mlops" / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Put a file into the home."""
        file = self.folder / ".mlops" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        """The text of a file in the home."""
        return (self.folder / ".mlops" / path).read_text(encoding="utf-8")

    def files(self) -> list[str]:
        """Every file of the home that travels."""
        home = self.folder / ".mlops"
        found = (file.relative_to(home).as_posix() for file in home.rglob("*") if file.is_file())
        return sorted(file for file in found if file not in {".gitignore", "state.json"})

    def state(self, direction: str) -> subprocess.CompletedProcess[str]:
        """Run ``python -m mlops state pull|push`` here."""
        return subprocess.run(
            [sys.executable, "-m", "mlops", "state", direction],
            cwd=self.folder,
            env={**os.environ, "MLOPS_STORAGE": self.storage},
            capture_output=True,
            text=True,
            check=False,
        )

    def push(self) -> str:
        """Push, which must work; what it said comes back."""
        done = self.state("push")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pull(self) -> str:
        """Pull, which must work; what it said comes back."""
        done = self.state("pull")
        assert done.returncode == 0, done.stderr
        return done.stdout


def machines(tmp_path: Path, storage: str) -> tuple[Machine, Machine]:
    """Two machines that share one storage."""
    return Machine(tmp_path / "one", storage), Machine(tmp_path / "two", storage)


def travel(one: Machine, two: Machine) -> None:
    """State written on one machine, taken over by a second, and brought back."""
    assert "nothing in" in one.pull()
    one.write("mlflow/mlflow.db", "database")
    one.write("mlflow/artifacts/1/model.skops", "model")
    one.write("work/penguins/package/config.json", "{}")
    one.write("work/penguins/train/model.skops", "stays here")
    one.write("predictions/penguins/date=2013-12-01/a.jsonl", "{}\n")
    one.write("monitors/drift/latest.json", "{}")
    assert "pushed to" in one.push()
    assert "nothing new" in one.push()
    assert "1 files of predictions added" in two.pull()
    assert two.files() == [
        "mlflow/artifacts/1/model.skops",
        "mlflow/mlflow.db",
        "monitors/drift/latest.json",
        "predictions/penguins/date=2013-12-01/a.jsonl",
        "work/penguins/package/config.json",
    ]
    two.write("mlflow/mlflow.db", "database, longer")
    two.push()
    assert "mlflow" in one.pull()
    assert one.read("mlflow/mlflow.db") == "database, longer"
    assert "up to date" in one.pull()


def test_storage_folder_carries_state_between_machines(tmp_path: Path) -> None:
    """A plain path takes the parts that outlive a runner, and only those."""
    travel(*machines(tmp_path, str(tmp_path / "share")))
    assert [file.name for file in (tmp_path / "share").iterdir()] == ["state.tar.gz"]


def test_storage_file_url_is_a_folder(tmp_path: Path) -> None:
    """``file://`` names the same folder as the plain path."""
    travel(*machines(tmp_path, f"file://{tmp_path}/share"))
    assert (tmp_path / "share" / "state.tar.gz").exists()


def test_storage_object_store_carries_state(tmp_path: Path) -> None:
    """A URL that fsspec handles works like a folder; ``local://`` stands for s3, gs and az."""
    travel(*machines(tmp_path, f"local://{tmp_path}/bucket"))


def test_storage_push_refuses_to_overwrite_another_push(tmp_path: Path) -> None:
    """Two machines push after the same pull: the second is told to pull, and nothing is lost."""
    one, two = machines(tmp_path, str(tmp_path / "share"))
    one.write("mlflow/mlflow.db", "first")
    one.push()
    two.pull()
    one.write("mlflow/mlflow.db", "second")
    one.push()
    two.write("predictions/m/date=2013-12-01/b.jsonl", "{}\n")
    refused = two.state("push")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"error: {tmp_path}/share changed since this home was last pulled\n"
        "  help: run `python -m mlops state pull` first, then push again\n"
    )
    two.pull()
    assert two.read("mlflow/mlflow.db") == "second"
    two.push()
    assert "1 files of predictions added" in one.pull()


def test_storage_pull_refuses_to_overwrite_unpushed_work(tmp_path: Path) -> None:
    """Both sides trained: pull changes nothing and says which folder to move away."""
    one, two = machines(tmp_path, str(tmp_path / "share"))
    one.write("mlflow/mlflow.db", "trained here")
    one.push()
    two.write("mlflow/mlflow.db", "trained there")
    refused = two.state("pull")
    folder = two.folder / ".mlops" / "mlflow"
    assert refused.returncode == 1
    assert refused.stderr == (
        f"error: {folder} holds work that was never pushed, and the storage holds another version of it\n"
        f"  help: move {folder} away to take the storage's version, then pull again\n"
    )
    assert two.read("mlflow/mlflow.db") == "trained there"
    assert not list((two.folder / ".mlops").glob(".pull-*"))


def test_storage_equal_state_gives_equal_bytes(tmp_path: Path) -> None:
    """Two machines with the same files write the same archive, whatever their clocks say."""
    for name in ("one", "two"):
        machine = Machine(tmp_path / name, str(tmp_path / f"share-{name}"))
        machine.write("mlflow/mlflow.db", "database")
        os.utime(machine.folder / ".mlops/mlflow/mlflow.db", (len(name), 1_000_000 + ord(name[0])))
        machine.push()
    archives = [(tmp_path / f"share-{name}" / "state.tar.gz").read_bytes() for name in ("one", "two")]
    assert archives[0] == archives[1]


def test_storage_damaged_archive_is_reported(tmp_path: Path) -> None:
    """A truncated archive is an error with a way out, and leaves the home as it was."""
    one, two = machines(tmp_path, str(tmp_path / "share"))
    one.write("mlflow/mlflow.db", "database" * 1000)
    one.push()
    archive = tmp_path / "share" / "state.tar.gz"
    archive.write_bytes(archive.read_bytes()[:40])
    refused = two.state("pull")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: the state in the storage is damaged: ")
    assert two.files() == []


def test_storage_without_a_place_keeps_the_home(tmp_path: Path) -> None:
    """Where no storage is named, both directions say so and do nothing."""
    machine = Machine(tmp_path / "one", "")
    expected = (
        "no storage is named (`storage` in mlops.yaml, or MLOPS_STORAGE): "
        f"the state stays in {machine.folder / '.mlops'}\n"
    )
    assert [machine.pull(), machine.push()] == [expected, expected]


def test_storage_unknown_scheme_is_an_error(tmp_path: Path) -> None:
    """A scheme that no package handles is named, with what to do."""
    refused = Machine(tmp_path / "one", "carrier-pigeon://loft/state").state("pull")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: nothing here can read carrier-pigeon://loft/state: ")


def test_storage_unreachable_registry_is_an_error(tmp_path: Path) -> None:
    """A registry that does not answer ends in a message, not a traceback."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = Machine(tmp_path / "one", f"oci+http://127.0.0.1:{unused.getsockname()[1]}/a/b").state("pull")
    assert refused.returncode == 1
    assert "error: the registry did not accept 127.0.0.1:" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A real OCI registry on a free loopback port."""
    program = shutil.which("docker-registry")
    if program is None:
        if os.environ.get("MLOPSC_REQUIRE_ENGINES") == "1":
            pytest.fail("the Debian package docker-registry is required and not installed")
        pytest.skip("the Debian package docker-registry is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = tmp_path / "registry.yml"
    storage = {"filesystem": {"rootdirectory": str(tmp_path / "registry")}}
    config.write_text(json.dumps({"version": 0.1, "storage": storage, "http": {"addr": address}}), encoding="utf-8")
    with (tmp_path / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
        try:
            _wait_until_it_answers(f"http://{address}/v2/")
            yield address
        finally:
            process.terminate()
            process.wait()


def _wait_until_it_answers(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{url} does not answer")


@pytest.mark.engine
def test_storage_registry_carries_state_between_machines(tmp_path: Path, registry: str) -> None:
    """An OCI registry keeps the state as one artifact under the tag ``state``."""
    travel(*machines(tmp_path, f"oci+http://{registry}/Owner/repository/mlops"))
    with urllib.request.urlopen(f"http://{registry}/v2/owner/repository/mlops/tags/list", timeout=5) as answer:
        assert json.load(answer) == {"name": "owner/repository/mlops", "tags": ["state"]}


@pytest.mark.engine
def test_storage_registry_push_refuses_to_overwrite_another_push(tmp_path: Path, registry: str) -> None:
    """The digest of the tag notices that somebody else pushed."""
    one, two = machines(tmp_path, f"oci+http://{registry}/owner/repository/mlops")
    one.write("mlflow/mlflow.db", "first")
    one.push()
    two.write("predictions/m/date=2013-12-01/b.jsonl", "{}\n")
    assert "changed since this home was last pulled" in two.state("push").stderr
    two.pull()
    assert two.read("mlflow/mlflow.db") == "first"
