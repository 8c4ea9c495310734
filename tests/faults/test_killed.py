"""`mlopsc compile` killed for real, at random moments while it writes; stopped politely; and run twice at once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

import mlopsc

from .harness import State, snapshot, torn

MODELS = 40
SPEC = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, body_mass_g: "float?"}
models:
"""
STAGING = ".mlopsc-staging"

# A warm interpreter that forks a process for each compile it is told to do, so that the moments of the kills lie in the
# compile and not in the start of Python. It answers with the process id, and after the end with the exit status.
SERVER = """
import os, sys
from pathlib import Path
import mlopsc
from mlopsc.cli import main
mlopsc.check(Path(sys.argv[1]))
sys.argv[0] = "mlopsc"
for line in sys.stdin:
    folder, *arguments = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        for number in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
        sys.argv = ["mlopsc", *arguments]
        try:
            main()
        except SystemExit as done:
            os._exit(done.code or 0)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until then its process id is nobody else's
    print(os.waitpid(child, 0)[1], flush=True)
"""


def spec(seed: int, models: int = MODELS) -> str:
    """A spec of many models; another seed changes every model's configuration."""
    train = f"{{estimator: sklearn.ensemble.RandomForestClassifier, seed: {seed}}}"
    return SPEC + "".join(
        f"  species-{number + seed % 7}:\n    label: species\n    train: {train}\n" for number in range(models)
    )


class Server:
    """Compiles on demand, each in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._stdin: IO[str] = process.stdin or sys.stdout
        self._stdout: IO[str] = process.stdout or sys.stdin

    def start(self, folder: Path, *arguments: str) -> int:
        """Start a compile; its process id."""
        self._stdin.write("\t".join((str(folder), *arguments)) + "\n")
        self._stdin.flush()
        return int(self._stdout.readline())

    def end(self) -> int:
        """Wait for it; its wait status."""
        self._stdin.write("\n")
        self._stdin.flush()
        return int(self._stdout.readline())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A warm compiler."""
    warm = tmp_path / "warm"
    warm.mkdir()
    (warm / "mlops.yaml").write_text(spec(1))
    command = [sys.executable, "-c", SERVER, str(warm)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Server(process)
        if process.stdin:
            process.stdin.close()
        process.wait()


def writing_begins(project: Path, process: int) -> bool:
    """Wait until a compile begins to write; False where it was over before that could be seen."""
    while not (project / STAGING).exists():
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        if state == "Z":
            return False
    return True


def duration_of_writing(server: Server, project: Path) -> float:
    """Seconds that an undisturbed compile writes."""
    process = server.start(project, "compile")
    begun = time.perf_counter()
    if writing_begins(project, process):
        begun = time.perf_counter()
    assert server.end() == 0
    return time.perf_counter() - begun


@contextmanager
def undisturbed(folder: Path, *seeds: int) -> Iterator[list[State]]:
    """What the compiles of some seeds, one after the other, make of a project."""
    project = folder / "undisturbed"
    states = []
    for seed in seeds:
        make(project, seed)
        mlopsc.compile(project)
        states.append(snapshot(project))
    shutil.rmtree(project)
    yield states


def make(project: Path, seed: int) -> None:
    """Write the spec of a seed."""
    project.mkdir(exist_ok=True)
    (project / "mlops.yaml").write_text(spec(seed))


def without_spec(state: State) -> State:
    """A state without the file that the user writes."""
    return {path: found for path, found in state.items() if path != "mlops.yaml"}


def kill_and_repair(server: Server, folder: Path, kills: int) -> int:
    """Kill compiles at random moments of their writing, each followed by a repair; how many died while they wrote.

    One in five is a first compile, the others change every model; a disk rather than memory makes the writing last.
    """
    hits = 0
    chance = random.Random(20240229)  # noqa: S311  (moments, not secrets)
    with undisturbed(folder, 1, 2) as (first, second):
        states = {1: first, 2: second}
        project, seed = folder / "timed", 1
        make(project, seed)
        span = duration_of_writing(server, project)
        for number in range(kills):
            before, seed = states[seed], 3 - seed
            if number % 5 == 0:
                before, project = {}, folder / f"project{number}"
            make(project, seed)
            process = server.start(project, "compile")
            writing_begins(project, process)
            time.sleep(chance.random() * span)
            hits += (project / STAGING).exists()
            os.kill(process, signal.SIGKILL)
            server.end()
            assert not torn(*(without_spec(one) for one in (snapshot(project), before, states[seed])))
            mlopsc.compile(project)
            assert snapshot(project) == states[seed]
    return hits


@pytest.mark.parametrize(
    ("kills", "least"), [(10, 0), pytest.param(200, 10, marks=(pytest.mark.slow, pytest.mark.exhaustive))]
)
def test_compile_repairs_after_a_kill_at_a_random_moment(
    kills: int, least: int, server: Server, tmp_path: Path, count: Callable[[str, int], None]
) -> None:
    """No file is torn or missing after `kill -9`, and the next compile ends as if nothing had happened."""
    hits = kill_and_repair(server, tmp_path, kills)
    count(f"of {kills} kills while files were written", hits)
    assert hits >= least  # on a busy machine many compiles are done before they are seen to begin


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_compile_that_is_stopped_says_so_and_leaves_no_staging(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """Ctrl-C and a polite kill end with one message and the exit code that shells expect."""
    make(tmp_path, 1)
    for _ in range(20):  # until the signal comes before the compile is done
        with subprocess.Popen(
            [sys.executable, "-m", "mlopsc", "compile"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        ) as process:
            writing_begins(tmp_path, process.pid)
            process.send_signal(number)
            errors = process.communicate()[1]
        if process.returncode:
            break
        shutil.rmtree(tmp_path / "mlops")
    assert process.returncode == code
    assert errors == (
        f"error: stopped by {number.name}; every file is old or new, none is half-written\n"
        "  help: run the same command again\n"
    )
    assert not (tmp_path / STAGING).exists()
    mlopsc.compile(tmp_path)
    assert mlopsc.plan(tmp_path).files == ()


@pytest.mark.parametrize(
    ("number", "same"),
    [(2, True), (2, False), *(pytest.param(8, same, marks=pytest.mark.slow) for same in (True, False))],
)
def test_compiles_at_once_end_as_one_of_them(number: int, same: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Several compiles of one folder, with one spec or several, take turns: what is there is what one of them wrote."""
    project = tmp_path / "project"
    project.mkdir()
    specs = [tmp_path / f"spec{one}" for one in range(1 if same else number)]
    wanted = []
    for seed, folder in enumerate(specs, start=1):
        make(folder, seed)
        mlopsc.compile(folder, tmp_path / f"alone{seed}")
        wanted.append(snapshot(tmp_path / f"alone{seed}"))
    commands = [
        [sys.executable, "-m", "mlopsc", "compile", str(specs[one % len(specs)]), "-o", str(project)]
        for one in range(number)
    ]
    processes = [subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for one in commands]
    ends = [(*process.communicate(), process.returncode) for process in processes]
    for _, errors, code in ends:
        assert (code, errors) == (0, "") or (code == 1 and "another compile is at work in" in errors)
    assert any(code == 0 for _, _, code in ends)
    assert snapshot(project) in wanted
