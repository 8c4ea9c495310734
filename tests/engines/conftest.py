"""What the tests with engines share: a compiled example in a Git repository, ready to run."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import servers

GENERATED = frozenset({"mlops", ".mlops", "mlops.lock", ".venv", ".github", "__pycache__"})


@pytest.fixture(scope="session")
def compile_copy(repository: Path) -> Callable[..., Path]:
    """A function that copies an example into a folder and compiles it there; ``edit`` changes its spec before."""

    def make(example: str, folder: Path, edit: Callable[[str], str] = str) -> Path:
        root = folder / example
        shutil.copytree(
            repository / "examples" / example, root, ignore=lambda _, names: [n for n in names if n in GENERATED]
        )
        spec = root / "mlops.yaml"
        spec.write_text(edit(spec.read_text(encoding="utf-8")), encoding="utf-8")
        call(["git", "init", "--quiet", "--initial-branch=main"], root)
        call([sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"], root)
        return root

    return make


@pytest.fixture
def committed(compile_copy: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """The same in a folder of the test's own, and committed; ``older_calls`` writes calls of workflows as act knows."""

    def make(example: str, edit: Callable[[str], str] = str, *, older_calls: bool = False) -> Path:
        root = compile_copy(example, tmp_path, edit)
        for file in (root / ".github" / "workflows").glob("*.yml") if older_calls else ():
            file.write_text(file.read_text(encoding="utf-8").replace("uses: $/", "uses: ./"), encoding="utf-8")
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        call(["git", "add", "--all"], root)
        call(["git", *who, "commit", "--quiet", "--message", "Compile"], root)
        return root

    return make


@pytest.fixture(scope="session")
def runner_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which pip finds what is installed here, as a runner's Python would be."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    call([sys.executable, "-m", "venv", str(folder)], folder.parent)
    (library,) = (folder / "lib").glob("python*/site-packages")
    here = sorted({path for path in (*sys.path, sysconfig.get_path("purelib")) if path.endswith("site-packages")})
    lines = "".join(f"import site; site.addsitedir({path!r})\n" for path in here)
    (library / "shared.pth").write_text(lines, encoding="utf-8")
    return folder / "bin"


def call(command: list[str], folder: Path) -> str:
    """What a command prints; the test fails where the command does."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def registry(tool: Callable[[str], str], tmp_path: Path) -> Iterator[str]:
    """The address of an image registry on a free port of this machine."""
    program = tool("docker-registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = tmp_path / "registry.yml"
    settings.write_text(
        json.dumps(
            {
                "version": 0.1,
                "storage": {"filesystem": {"rootdirectory": str(tmp_path / "images")}},
                "http": {"addr": address},
            }
        ),
        encoding="utf-8",
    )
    log = (tmp_path / "registry.log").open("wb")
    process = subprocess.Popen([program, "serve", str(settings)], stdout=log, stderr=log)
    try:
        _wait_until_open(address)
        yield address
    finally:
        process.terminate()
        process.wait()
        log.close()


def _wait_until_open(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"nothing listens on {address}")


@pytest.fixture(scope="session")
def postgres_port(tool: Callable[[str], str]) -> Iterator[int]:
    """The port of a PostgreSQL server of this test run."""
    programs = servers.postgres_programs() or Path(tool("initdb")).parent
    with servers.postgres(programs) as port:
        yield port


@pytest.fixture(scope="session")
def object_store(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which Amazon's object store is a server of this machine."""
    address = f"127.0.0.1:{servers.free_port()}"
    log = (tmp_path_factory.mktemp("store") / "log").open("wb")
    host, port = address.split(":")
    process = subprocess.Popen([tool("moto_server"), "-H", host, "-p", port], stdout=log, stderr=log)
    try:
        _wait_until_open(address)
        yield {
            "AWS_ENDPOINT_URL": f"http://{address}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        process.terminate()
        process.wait()
        log.close()
