"""The early-out of a compile: taken only when nothing that decides the outcome changed, and never fooled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlopsc import phases, writer
from mlopsc.cli import cli
from mlopsc.unchanged import Memory, Said, Unchanged

SPEC = """\
project: {name: birds, code: [src/birds]}
include: [more/*.yaml]
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, body_mass_g: "float?"}
models:
  kind-of-penguin:
    label: species
    train: {entrypoint: "birds.training:train"}
"""
INCLUDED = """\
models:
  heavy-penguin:
    label: body_mass_g > 4000
    train: {estimator: sklearn.linear_model.LogisticRegression}
"""
CODE = """\
def train(x, y, *, columns, categorical, params, seed):
    return params["model"]
"""
CONFIG = "mlops/models/heavy-penguin/config.json"
RECORD = ".mlops/cache/compile.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an included file and code of its own, compiled once."""
    folder = tmp_path / "birds"
    texts = {
        "mlops.yaml": SPEC,
        "more/heavy.yaml": INCLUDED,
        "src/birds/training.py": CODE,
        "src/birds/__init__.py": "",
    }
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / ".git").mkdir()
    assert compiled(folder).exit_code == 0
    return folder


def compiled(project: Path, *options: str) -> Result:
    """``mlopsc compile`` on the project."""
    return CliRunner().invoke(cli, ["compile", str(project), *options])


def recalled(project: Path) -> Unchanged | None:
    """What the early-out finds."""
    return Memory(project / "mlops.yaml").recall()


def stamps(project: Path) -> dict[str, tuple[int, int]]:
    """When each file was last written, and which file it is."""
    files = [path for path in project.rglob("*") if path.is_file()]
    return {str(path.relative_to(project)): (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}


def test_compile_writes_nothing_when_nothing_changed(project: Path) -> None:
    """Not even the record is written again, and what is said is what a whole compile says."""
    before = stamps(project)
    again = compiled(project)
    (project / RECORD).unlink()
    whole = compiled(project)
    files = len((project / "mlops.lock").read_text().splitlines())
    assert again.output == whole.output == f"0 files written, 0 removed, {files} unchanged in {project}\n"
    assert {path: stamp for path, stamp in stamps(project).items() if path != RECORD} == {
        path: stamp for path, stamp in before.items() if path != RECORD
    }


def same_size(path: str) -> Callable[[Path], object]:
    """An edit that keeps the size."""
    return lambda project: (project / path).write_bytes(b"#" + (project / path).read_bytes()[1:])


def _written(path: str, text: str) -> Callable[[Path], object]:
    def write(project: Path) -> None:
        (project / path).write_text(text)

    return write


def _replaced_by_link(project: Path) -> None:
    (project / CONFIG).rename(project / "elsewhere.json")
    (project / CONFIG).symlink_to(project / "elsewhere.json")


CHANGES: dict[str, Callable[[Path], object]] = {
    "the spec": _written("mlops.yaml", SPEC.replace("kind-of", "sort-of")),
    "an included file": _written("more/heavy.yaml", INCLUDED.replace("4000", "4100")),
    "a file that an include matches now": _written("more/light.yaml", INCLUDED.replace("heavy", "light")),
    "an included file that is gone": lambda project: (project / "more/heavy.yaml").unlink(),
    "code that a check reads": _written("src/birds/training.py", CODE.replace("params[", "dict(params)[")),
    "code that is gone": lambda project: (project / "src/birds/training.py").unlink(),
    "pins": _written("mlops.pins.json", '{"images": {"python:3.11-slim-bookworm": "sha256:' + 64 * "a" + '"}}'),
    "an output": same_size(CONFIG),
    "an output that is gone": lambda project: (project / CONFIG).unlink(),
    "an output that is a link": _replaced_by_link,
    "the mode of an output": lambda project: (project / CONFIG).chmod(0o755),
    "the lock": same_size("mlops.lock"),
    "the Git root": lambda project: (project / ".git").rename(project.parent / ".git"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_early_out_is_not_taken_when_something_changed(project: Path, change: str) -> None:
    """Everything that decides what is written, and every file that was written, is looked at."""
    assert recalled(project) is not None
    CHANGES[change](project)
    assert recalled(project) is None


def test_compile_after_a_change_gives_what_a_fresh_compile_gives(project: Path, tmp_path: Path) -> None:
    """The record of the old spec does not keep the new one from being compiled."""
    (project / "more/heavy.yaml").write_text(INCLUDED.replace("4000", "4100"))
    assert f"~ {CONFIG}" in compiled(project).output
    assert compiled(project, "-o", str(tmp_path / "fresh")).exit_code == 0
    assert (project / CONFIG).read_bytes() == (tmp_path / "fresh" / CONFIG).read_bytes()


def test_compile_restores_an_output_that_was_deleted(project: Path) -> None:
    """A lost file is written again, whatever the record says."""
    before = (project / CONFIG).read_bytes()
    (project / CONFIG).unlink()
    assert f"+ {CONFIG}" in compiled(project).output
    assert (project / CONFIG).read_bytes() == before
    assert recalled(project) is not None


def test_compile_keeps_naming_a_hand_edit(project: Path) -> None:
    """An edited file is no state that may be remembered: each compile says so."""
    (project / CONFIG).write_text("{}\n")
    for _ in range(2):
        found = compiled(project)
        assert found.exit_code == 3
        assert f"kept: {CONFIG} was edited by hand" in found.stderr
        assert recalled(project) is None


def test_early_out_reads_a_file_that_was_written_in_the_tick_of_the_record(project: Path) -> None:
    """Where the clock is coarse, an edit in the same tick leaves no trace in the status: the content decides."""
    later = (project / RECORD).stat().st_mtime_ns + 3_000_000_000
    os.utime(project / CONFIG, ns=(later, later))
    assert compiled(project).exit_code == 0
    record = json.loads((project / RECORD).read_text())
    assert CONFIG in record["fresh"]
    assert recalled(project) is not None
    (project / CONFIG).write_bytes(b"#" + (project / CONFIG).read_bytes()[1:])
    os.utime(project / CONFIG, ns=(later, later))
    status = (project / CONFIG).lstat()
    parts = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode)
    record["outputs"][CONFIG] = list(parts)  # what a clock that stood still would have left
    (project / RECORD).write_text(json.dumps(record))
    assert recalled(project) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"key": 1}', "\x00\xff", '{"key": {}, "outputs": []}'])
def test_early_out_ignores_a_record_that_is_none(project: Path, content: str) -> None:
    """A torn or foreign file costs the time of a compile, and is replaced."""
    (project / RECORD).write_text(content)
    assert recalled(project) is None
    assert compiled(project).exit_code == 0
    assert recalled(project) is not None


def test_early_out_ignores_a_part_of_a_record(project: Path) -> None:
    """A record of another version lacks something, or has something else in its place."""
    record = json.loads((project / RECORD).read_text())
    for key in record:
        for wrong in (None, 3, [1]):
            (project / RECORD).write_text(json.dumps({**record, key: wrong}))
            assert recalled(project) is None, key


def test_early_out_ignores_the_record_of_a_copy(project: Path, tmp_path: Path) -> None:
    """A project that was copied, record and all, is another one."""
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", str(project), str(copy)], check=True)
    assert recalled(copy) is None
    assert recalled(project) is not None


def test_compile_repeats_the_warnings_of_the_last_one(project: Path) -> None:
    """A warning does not vanish because nothing changed."""
    spec = project / "mlops.yaml"
    compilation = phases.compilation(phases.analyse(spec))
    changes = writer.write(compilation.rendered, compilation.roots)
    Memory(spec).remember(compilation, changes, Said(plain="warning: plain\n", coloured="warning: red\n"))
    again = compiled(project)
    assert again.stderr == "warning: plain\n"
    assert again.exit_code == 0


def test_compile_check_reads_every_byte(project: Path) -> None:
    """CI does not trust the status of files: a forged record changes nothing."""
    (project / CONFIG).write_bytes(b"#" + (project / CONFIG).read_bytes()[1:])
    record = json.loads((project / RECORD).read_text())
    status = (project / CONFIG).lstat()
    parts = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode)
    record["outputs"][CONFIG] = list(parts)
    (project / RECORD).write_text(json.dumps(record))
    assert recalled(project) is not None
    assert compiled(project, "--check").exit_code == 1


def test_compile_works_where_it_cannot_remember(project: Path) -> None:
    """A record that cannot be written is no error."""
    (project / RECORD).unlink()
    (project / ".mlops" / "cache").rmdir()
    (project / ".mlops" / "cache").write_text("in the way")
    assert compiled(project).exit_code == 0
    assert recalled(project) is None


def test_what_is_remembered_is_never_committed(project: Path) -> None:
    """The folder of the record ignores itself."""
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    done = subprocess.run(
        ["git", "-C", str(project), "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert ".mlops" not in done.stdout


# -- another compiler, another plug-in -----------------------------------------------------------------------------

OLD_NS = 1_600_000_000_000_000_000
PLUG_IN = """\
from mlopsc.artifact import Artifact, Text


class Extra:
    name = "extra"
    serves = ()

    def applies(self, context):
        return True

    def check(self, context):
        return ()

    def artifacts(self, context):
        yield Artifact(path="mlops/extra.txt", content=Text(text="{word}\\n"))
"""


def aged(path: Path) -> None:
    """Make a file old enough to be trusted."""
    os.utime(path, ns=(OLD_NS, OLD_NS))


def command(project: Path, site: Path) -> str:
    """``mlopsc compile`` with packages of ``site``, as a process; what it said, and whether it rendered anything."""
    code = (
        "import sys\nfrom mlopsc.cli import cli\n"
        "try:\n    cli(['compile'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('rendered' if 'mlopsc.render' in sys.modules else 'known')"
    )
    env = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_early_out_is_not_taken_by_another_compiler(project: Path, repository: Path, tmp_path: Path) -> None:
    """A template that changed, as in an editable installation, is compiled with; so is another version."""
    site = tmp_path / "site"
    site.mkdir()
    for source, target in {"compiler": "mlopsc", "templates": "mlopsc/templates", "schemas": "mlopsc/schemas"}.items():
        subprocess.run(["cp", "-r", str(repository / source), str(site / target)], check=True)
    for path in site.rglob("*"):
        aged(path)
    assert command(project, site).endswith("rendered\n")
    assert command(project, site).endswith("known\n")
    template = site / "mlopsc/templates/python/README.md.j2"
    template.write_text(template.read_text() + "\nAnother end.\n")
    aged(template)
    assert "mlops/README.md" in command(project, site)
    assert (project / "mlops/README.md").read_text().endswith("Another end.\n")
    assert command(project, site).endswith("known\n")


def test_early_out_is_not_taken_with_another_plug_in(project: Path, tmp_path: Path) -> None:
    """A plug-in that is installed, edited in place or upgraded is compiled with."""
    site = tmp_path / "site"
    site.mkdir()
    assert command(project, site).endswith("rendered\n")
    assert command(project, site).endswith("known\n")
    info = site / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mlopsc.targets]\nextra = extra_target:Extra\n")
    for word in ("one", "two"):
        (site / "extra_target.py").write_text(PLUG_IN.format(word=word))
        aged(site / "extra_target.py")
        assert "mlops/extra.txt" in command(project, site)
        assert (project / "mlops/extra.txt").read_text().endswith(f"{word}\n")
        assert command(project, site).endswith("known\n")
    info.rename(site / "extra-2.0.dist-info")
    assert command(project, site).endswith("rendered\n")
