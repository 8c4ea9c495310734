"""The runner on a small project whose ``mlops`` package appends to files, so that every execution is seen."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlopsc.cli.progress import Progress
from mlopsc.diagnostics import MlopscError, UsageError
from mlopsc.runner.run import Outcome, Request, run

MAIN = """
import json, os, pathlib, sys, time

model, name = sys.argv[1:]
steps = json.loads(pathlib.Path("mlops/models", model, "config.json").read_text())["steps"]
step = next(step for step in steps if step["name"] == name)
with open("executed.txt", "a") as log:
    log.write(f"{model}/{name}\\n")
behaviour = pathlib.Path("behaviour", f"{model}-{name}")
what = behaviour.read_text() if behaviour.exists() else ""
if what == "wait":
    pathlib.Path("waiting").touch()
    time.sleep(600)
texts = [pathlib.Path(path).read_text() for path in step["inputs"]]
if what.startswith("exit"):
    print("the reason")
    sys.exit(int(what.split()[1]))
for path in step["outputs"]:
    file = pathlib.Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(what + "".join(texts).upper())
print(f"{model}  {name}  wrote {len(step['outputs'])} file  (0.0 s)")
"""


def step(model: str, name: str, needs: list[str], inputs: list[str], **more: Any) -> dict[str, Any]:
    """One step of a configuration, with its output in the work folder."""
    base: dict[str, Any] = {
        "id": f"{model}/{name}",
        "name": name,
        "needs": [f"{model}/{need}" for need in needs],
        "inputs": inputs,
        "outputs": [f".mlops/work/{model}/{name}.txt"],
        "code": ["mlops/code.py"],
        "config": [],
        "env": [],
    }
    return base | more


def write_model(project: Path, model: str, **keys: Any) -> None:
    """A model of three steps in a row: ingest, train, gate."""
    work = f".mlops/work/{model}"
    steps = [
        step(model, "ingest", [], ["data.csv"]),
        step(model, "train", ["ingest"], [f"{work}/ingest.txt"], config=["train.depth"], env=["LEVEL"]),
        step(model, "gate", ["train"], [f"{work}/train.txt"]),
    ]
    folder = project / "mlops" / "models" / model
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"steps": steps, **keys}))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one model, 'a'."""
    monkeypatch.delenv("MLOPS_HOME", raising=False)
    monkeypatch.setenv("MLOPSC_PYTHON", sys.executable)
    (tmp_path / "mlops").mkdir()
    (tmp_path / "mlops" / "__main__.py").write_text(MAIN)
    (tmp_path / "mlops" / "code.py").write_text("")
    (tmp_path / "data.csv").write_text("x")
    (tmp_path / "behaviour").mkdir()
    write_model(tmp_path, "a", train={"depth": 3})
    return tmp_path


Runner = Callable[..., tuple[Outcome, list[str], str]]


@pytest.fixture
def go(project: Path) -> Runner:
    """Run, and give back the outcome, what was executed and what was printed."""

    def call(*names: str, **options: Any) -> tuple[Outcome, list[str], str]:
        executed = project / "executed.txt"
        executed.unlink(missing_ok=True)
        out = io.StringIO()
        outcome = run(project, Request(names=names, **options), Progress(out, project))
        return outcome, executed.read_text().split() if executed.exists() else [], out.getvalue()

    return call


def test_run_executes_each_step_once_and_then_nothing(go: Runner) -> None:
    """A second run finds everything current and starts no process."""
    first = go()
    second = go()
    assert first[1] == ["a/ingest", "a/train", "a/gate"]
    assert second[1] == []
    assert second[2].splitlines() == [
        "a  ingest              cached: wrote 1 file",
        "a  train               cached: wrote 1 file",
        "a  gate                cached: wrote 1 file",
    ]
    assert second[0].exit_code == 0


@pytest.mark.parametrize(
    ("change", "executed"),
    [
        (lambda p: (p / "data.csv").write_text("y"), ["a/ingest", "a/train", "a/gate"]),
        (lambda p: (p / "mlops/code.py").write_text("#"), ["a/ingest", "a/train", "a/gate"]),
        (lambda p: (p / ".mlops/work/a/train.txt").unlink(), ["a/train"]),
        (lambda p: (p / ".mlops/work/a/ingest.txt").write_text("touched"), ["a/ingest"]),
        (lambda p: write_model(p, "a", train={"depth": 4}), ["a/train"]),
        (lambda p: write_model(p, "a", train={"depth": 3, "seed": 4}), []),
        (lambda p: os.utime(p / "data.csv"), []),
    ],
    ids=["data", "code", "output-gone", "output-edited", "config-used", "config-not-used", "only-time"],
)
def test_run_repeats_only_what_a_change_reaches(
    project: Path, go: Runner, change: Callable[[Path], object], executed: list[str]
) -> None:
    """Content decides: a step whose new output equals the old one stops the wave."""
    go()
    change(project)
    assert go()[1] == executed


def test_run_repeats_a_step_whose_variable_changed(go: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment variable counts for the steps that declare it, and for no other."""
    go()
    monkeypatch.setenv("LEVEL", "2")
    assert go()[1] == ["a/train"]


def test_run_takes_a_remote_input_for_changed(project: Path, go: Runner) -> None:
    """Nobody can look behind a URL cheaply, so its step runs again, and what it did not change stays."""
    config = project / "mlops" / "models" / "a" / "config.json"
    main = project / "mlops" / "__main__.py"
    main.write_text(
        main.read_text().replace('for path in step["inputs"]]', 'for path in step["inputs"] if ":" not in path]')
    )
    config.write_text(config.read_text().replace('"data.csv"', '"s3://bucket/data.csv"'))
    go()
    assert go()[1] == ["a/ingest"]


def test_run_selects_models_and_steps(project: Path, go: Runner) -> None:
    """A step is run with all that it needs, and nothing after it."""
    write_model(project, "b", train={"depth": 1})
    assert go("b", "train")[1] == ["b/ingest", "b/train"]
    assert sorted(go("ingest")[1]) == ["a/ingest"]
    assert go("b", "train", force=True)[1] == ["b/train"]
    assert go("b", start="train")[1] == ["b/train", "b/gate"]


def test_run_names_the_step_that_was_meant(go: Runner) -> None:
    """A misspelt name is answered with the one that exists."""
    with pytest.raises(UsageError, match=r"^unknown step 'trian'; did you mean 'train'\?$"):
        go("a", "trian")


def test_run_without_compiled_files_says_what_to_do(tmp_path: Path) -> None:
    """There is nothing to run before the first compile."""
    with pytest.raises(UsageError, match="help: run `mlopsc compile` first"):
        run(tmp_path, Request(), Progress(io.StringIO(), tmp_path))


def test_run_shows_the_last_lines_of_a_failed_step(project: Path, go: Runner) -> None:
    """The failure is readable at once, later steps are skipped, and other models go on."""
    write_model(project, "b")
    (project / "behaviour" / "a-train").write_text("exit 1")
    outcome, executed, printed = go(jobs=1)
    lines = [line for line in printed.splitlines() if line.startswith(("a  train", "a  gate", "    "))]
    log = f"{outcome.logs.relative_to(project)}/a--train.log"
    assert [line[:10] + line[19:] for line in lines[:1]] == ["a  train   s  failed"]
    assert lines[1:] == ["    the reason", f"    open {log} (exit code 1)", "a  gate                skipped"]
    assert executed[-3:] == ["b/ingest", "b/train", "b/gate"]
    assert outcome.exit_code == 1


def test_run_exits_5_when_a_gate_fails_and_asks_it_again(project: Path, go: Runner) -> None:
    """A verdict against the model is no failure of a step, and is never taken for done."""
    (project / "behaviour" / "a-gate").write_text("exit 5")
    assert go()[0].exit_code == 5
    assert go()[1] == ["a/gate"]


def test_run_moves_with_the_home(project: Path, go: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """``MLOPS_HOME`` holds the cache and the logs as it holds the work."""
    monkeypatch.setenv("MLOPS_HOME", "elsewhere")
    outcome = go("a", "ingest")[0]
    assert outcome.logs.parent == project / "elsewhere" / "runs"
    assert not (project / ".mlops" / "cache").exists()


def test_run_says_which_packages_are_missing(project: Path, go: Runner) -> None:
    """The interpreter that lacks a requirement is named with three ways out."""
    requirements = project / "mlops" / "models" / "a" / "requirements-train.txt"
    requirements.write_text("# comment\nno-such-distribution>=1\n")
    venv = project / ".venv"
    with pytest.raises(MlopscError) as caught:
        go()
    assert str(caught.value).splitlines() == [
        f"{sys.executable} lacks what the steps import: no-such-distribution",
        "  help: pip install 'mlopsc[local]' brings what the defaults need",
        f"  help: or install -r mlops/models/a/requirements-train.txt into {venv}, which is used when it is there",
        "  help: or name another interpreter in MLOPSC_PYTHON",
    ]


DRIVER = """
import pathlib, sys
from mlopsc.cli.progress import Progress
from mlopsc.runner.run import Request, run
project = pathlib.Path(sys.argv[1])
sys.exit(run(project, Request(), Progress(sys.stdout, project)).exit_code)
"""


def test_run_interrupted_stops_the_children_and_forgets_only_them(project: Path, go: Runner) -> None:
    """After Ctrl-C no process is left, what was done stays done, and the next run goes on from there."""
    behaviour = project / "behaviour" / "a-train"
    behaviour.write_text("wait")
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(project)], stdout=subprocess.PIPE, text=True)
    while not (project / "waiting").exists():
        assert driver.poll() is None
        time.sleep(0.01)
    driver.send_signal(signal.SIGINT)
    printed = driver.communicate()[0]
    assert driver.returncode == 130
    assert printed.splitlines()[1:] == ["a  train               interrupted", "a  gate                interrupted"]
    assert _commands_below(project) == []
    behaviour.unlink()
    assert go()[1] == ["a/train", "a/gate"]


def test_run_refuses_a_second_one_at_the_same_time(project: Path, go: Runner) -> None:
    """Two runs would write the same files."""
    (project / "behaviour" / "a-train").write_text("wait")
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(project)], stdout=subprocess.DEVNULL)
    try:
        while not (project / "waiting").exists():
            assert driver.poll() is None
            time.sleep(0.01)
        with pytest.raises(MlopscError, match=r"^another run works in "):
            go()
    finally:
        driver.send_signal(signal.SIGINT)
        driver.wait()


def _commands_below(folder: Path) -> list[str]:
    """The command lines of the processes that work in ``folder``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder:
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found
