"""``mlopsc compile`` as its users call it: the same bytes everywhere, and nobody's edits lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """\
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, body_mass_g: "float?"}
models:
  species-of-penguin:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def mlopsc(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "mlopsc", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` but Git's own, the data, and what the compiler remembers."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", ".mlops", "data", "__pycache__"} & set(path.relative_to(folder).parts)
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small spec at the root of a Git repository."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "mlops.yaml").write_text(SPEC)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    return folder


@pytest.mark.parametrize("example", ["flight-delays", "own-training"])
def test_compile_gives_the_same_bytes_whatever_the_hash_seed(example: str, repository: Path, tmp_path: Path) -> None:
    """Two machines that compile the same spec commit the same files."""
    found = []
    for seed in ("0", "4242"):
        folder = tmp_path / seed
        done = mlopsc(
            "compile", str(repository / "examples" / example), "-o", str(folder), cwd=tmp_path, PYTHONHASHSEED=seed
        )
        assert done.returncode == 0, done.stderr
        found.append(files_of(folder))
    assert found[0] == found[1]
    assert "mlops/plan.json" in found[0]


def test_compile_keeps_a_hand_edit_and_says_so(project: Path) -> None:
    """The story of one edited file: kept with exit 3, found by --check, shown by --diff, restored by --force."""
    assert mlopsc("compile", cwd=project).returncode == 0
    edited = project / "mlops" / "plan.json"
    original = edited.read_text()
    edited.write_text(original.replace('"version": 1', '"version": 2'))
    again = mlopsc("compile", cwd=project)
    assert again.returncode == 3
    assert again.stderr == (
        "kept: mlops/plan.json was edited by hand\n"
        "see what would change with --diff; overwrite with --force, or move the change to the spec\n"
    )
    check = mlopsc("compile", "--check", cwd=project)
    assert (check.returncode, check.stdout) == (1, "  ! mlops/plan.json (edited)\n")
    diff = mlopsc("compile", "--diff", cwd=project)
    assert diff.returncode == 0
    assert diff.stdout.startswith("--- a/mlops/plan.json\n+++ b/mlops/plan.json\n")
    assert '-  "version": 2\n+  "version": 1\n' in diff.stdout
    assert mlopsc("compile", "--force", cwd=project).returncode == 0
    assert edited.read_text() == original
    current = mlopsc("compile", "--check", cwd=project)
    assert current.returncode == 0
    assert current.stdout.endswith(" files are what mlops.yaml says\n")


def test_compile_below_the_git_root_puts_workflows_at_the_root(tmp_path: Path) -> None:
    """In a repository of several projects the workflows lie where GitHub looks for them."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    project = tmp_path / "ml" / "penguins"
    project.mkdir(parents=True)
    (project / "mlops.yaml").write_text(SPEC)
    assert mlopsc("compile", cwd=project).returncode == 0
    assert (tmp_path / ".github/workflows/species-of-penguin-train.yml").is_file()
    assert (project / "mlops/plan.json").is_file()
    assert "  ../../.github/workflows/species-of-penguin-train.yml\n" in (project / "mlops.lock").read_text()
    assert mlopsc("compile", "--check", cwd=project).returncode == 0


def test_compile_removes_what_the_spec_no_longer_says(project: Path) -> None:
    """A model that is gone from the spec takes its files with it."""
    mlopsc("compile", cwd=project)
    (project / "mlops.yaml").write_text(SPEC.replace("species-of-penguin:", "species-two:"))
    done = mlopsc("compile", cwd=project)
    assert done.returncode == 0, done.stderr
    assert not (project / "mlops/models/species-of-penguin").exists()
    assert (project / "mlops/models/species-two/config.json").is_file()
    assert not (project / ".github/workflows/species-of-penguin-train.yml").exists()


def test_compile_refuses_words_without_a_target(project: Path) -> None:
    """A word of the stack that nothing compiles is an error with what works, not a stub."""
    (project / "mlops.yaml").write_text(SPEC + "stack: {deploy: kubernetes, tracking: wandb}\n")
    done = mlopsc("compile", cwd=project)
    assert done.returncode == 1
    assert "error[MLC701]: unsupported word 'kubernetes' for 'deploy'" in done.stderr
    assert "what works today: compose, none" in done.stderr
    assert "error[MLC701]: unsupported word 'wandb' for 'tracking'" in done.stderr
    assert not (project / "mlops").exists()
    assert "error[MLC602]: pods need a storage that they can reach" in done.stderr
    (project / "mlops.yaml").write_text(SPEC + "stack: {tracking: wandb}\n")
    assert mlopsc("check", cwd=project).returncode == 0
    assert mlopsc("compile", cwd=project).stderr.endswith("\nnothing was written\n")


def test_compile_says_where_it_looked_for_a_spec(tmp_path: Path) -> None:
    """Without a spec the message says how to get one."""
    done = mlopsc("compile", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"error: no mlops.yaml in {tmp_path} or above it; `mlopsc init --from data.csv` writes one"
    )


def test_compile_finds_the_spec_upward(project: Path) -> None:
    """A command works from any folder of the project."""
    below = project / "src" / "deep"
    below.mkdir(parents=True)
    assert mlopsc("compile", cwd=below).returncode == 0
    assert (project / "mlops/plan.json").is_file()


def test_compile_on_a_folder_that_is_a_file_is_a_clear_message(project: Path) -> None:
    """What stands in the way is named, and no traceback is shown."""
    (project / "mlops").write_text("a file\n")
    done = mlopsc("compile", cwd=project)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "mlops" in done.stderr


def test_plan_lists_what_a_change_would_touch(project: Path) -> None:
    """Before: everything is added; after compiling: nothing; after a change: only what it touches."""
    first = mlopsc("plan", "--exit-code", cwd=project)
    assert first.returncode == 4
    assert "  + mlops/plan.json\n" in first.stdout
    mlopsc("compile", cwd=project)
    same = mlopsc("plan", "--exit-code", cwd=project)
    assert (same.returncode, same.stdout) == (0, "nothing changes, compared with the files on disk\n")
    (project / "mlops.yaml").write_text(SPEC.replace("train: {", "train: {seed: 3, "))
    assert mlopsc("plan", "--exit-code", cwd=project).stdout == (
        "  ~ mlops/models/species-of-penguin/config.json\n1 file, compared with the files on disk: 1 to change\n"
    )


def test_plan_compares_with_a_revision(project: Path) -> None:
    """In a pull request the base is a commit, whatever lies on disk."""
    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@b"]
    mlopsc("compile", cwd=project)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    (project / "mlops.yaml").write_text(SPEC.replace("train: {", "train: {seed: 3, "))
    mlopsc("compile", cwd=project)
    assert mlopsc("plan", "--base", "HEAD", "--format", "markdown", cwd=project).stdout == (
        "### mlopsc plan\n\n1 file, compared with HEAD: 1 to change\n\n| | file |\n|---|---|\n"
        "| change | `mlops/models/species-of-penguin/config.json` |\n"
    )
    wrong = mlopsc("plan", "--base", "no-such", cwd=project)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: 'no-such' is no revision of the Git repository in ")


def test_compile_with_one_target_leaves_the_others_alone(project: Path) -> None:
    """Only that target's files are written; an unknown one is named with those that exist."""
    mlopsc("compile", cwd=project)
    shutil.rmtree(project / ".github")
    (project / "mlops/plan.json").unlink()
    assert mlopsc("compile", "--target", "github-actions", cwd=project).returncode == 0
    assert (project / ".github").is_dir()
    assert not (project / "mlops/plan.json").exists()
    wrong = mlopsc("compile", "--target", "nothing", cwd=project)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("error: no target 'nothing' for this stack; there is: python, ")
