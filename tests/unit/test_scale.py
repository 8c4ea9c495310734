"""Much is compiled in little time: nothing is imported that is not needed, and one change touches one model."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HEAVY = ("docker", "jinja2", "jsonschema", "networkx", "rich", "sqlglot")
QUICK_START = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, body_mass_g: "float?"}
models:
  kind-of-penguin:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
    gates: [{metric: accuracy, min: 0.9}]
"""

Fleet = Callable[..., str]


@pytest.fixture(scope="module")
def fleet(repository: Path) -> Fleet:
    """The generator of large specs that the benchmarks use."""
    found = importlib.util.spec_from_file_location("projects", repository / "benchmarks" / "projects.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    generator: Fleet = module.fleet
    return generator


def project(folder: Path, spec: str) -> Path:
    """A repository with nothing but a spec."""
    (folder / ".git").mkdir(parents=True)
    (folder / "mlops.yaml").write_text(spec)
    return folder


def imported(folder: Path, *arguments: str) -> list[str]:
    """The heavy packages that a command imports."""
    code = (
        "import json, sys\nfrom mlopsc.cli import cli\n"
        f"try:\n    cli({list(arguments)!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each generated file was written, and which file it is."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "mlops.yaml"]
    found = {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}
    return {path: stamp for path, stamp in found.items() if not path.startswith(".mlops/")}


MEASURED = """\
import os, sys
leave = os._exit
def end(code):
    lines = open("/proc/self/status").read().splitlines()
    open(os.environ["PEAK"], "w").write(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
    leave(code)
os._exit = end
from mlopsc.cli import main
main()
"""
"""The command, which writes down its own peak: what the system says of a child counts its parent's memory as well."""


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """CPU seconds and megabytes of one command."""
    peak = folder.with_name(f"{folder.name}.peak")
    process = subprocess.Popen(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PEAK": str(peak)},
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, int(peak.read_text()) / 1024


def test_commands_import_only_what_they_need(tmp_path: Path) -> None:
    """Help needs nothing, a check without SQL no parser, and a compile that has nothing to do no template."""
    folder = project(tmp_path / "quick", QUICK_START)
    assert imported(folder, "--help") == []
    assert imported(folder, "check") == []
    assert imported(folder, "compile") == ["jinja2"]
    assert imported(folder, "compile") == []


def test_check_imports_the_sql_parser_for_sql(tmp_path: Path) -> None:
    """What is more than the name of a column is parsed, and nothing else is loaded for it."""
    folder = project(tmp_path / "sql", QUICK_START.replace("label: species", "label: body_mass_g > 4000"))
    assert imported(folder, "check") == ["sqlglot"]


def test_compile_of_one_changed_model_writes_its_files_only(tmp_path: Path, fleet: Fleet) -> None:
    """Of thirty models, one trains otherwise: its configuration and the lock are written, and nothing else."""
    folder = project(tmp_path / "fleet", fleet(30))
    run(folder, "compile")
    before = stamps(folder)
    (folder / "mlops.yaml").write_text(fleet(30, changed=17))
    run(folder, "compile")
    after = stamps(folder)
    assert {path for path in {*before, *after} if before.get(path) != after.get(path)} == {
        "mlops.lock",
        "mlops/models/late-17/config.json",
    }


@pytest.mark.slow
def test_compile_of_a_thousand_models_grows_with_their_number(tmp_path: Path, fleet: Fleet) -> None:
    """Ten times the models take at most twenty times the CPU seconds, and less than half a gigabyte."""
    small, large = project(tmp_path / "small", fleet(100)), project(tmp_path / "large", fleet(1000))
    few, _ = run(small, "compile")
    many, megabytes = run(large, "compile")
    assert megabytes < 500
    assert many < 20 * few
    before = stamps(large)
    again, _ = run(large, "compile")
    assert stamps(large) == before
    assert again < many / 3
    for arguments in (("plan",), ("graph", "--format", "json"), ("check",)):
        seconds, megabytes = run(large, *arguments)
        assert seconds < 2 * many, arguments
        assert megabytes < 500, arguments
