"""The file systems that people have: full, read-only, slow, blind to case; and odd names, modes and repositories."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import mlopsc
from mlopsc.diagnostics import MlopscError
from mlopsc.places import git_root
from mlopsc.writer import Action, Rendered, Roots, compare, disk, holding, is_current, write

from .harness import PURE, FaultyOs, snapshot

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
FILES = {
    "mlops/README.md": Rendered(content=b"one\n"),
    "mlops/core/a.py": Rendered(content=b"a = 1\n" * 1000),
    "mlops/go.sh": Rendered(content=b"#!/bin/sh\n", executable=True),
}
CHANGED = {
    "mlops/README.md": Rendered(content=b"two\n"),
    "mlops/core/a.py": Rendered(content=b"a = 2\n" * 20_000),
    "mlops/go.sh": Rendered(content=b"#!/bin/sh\n", executable=True),
}
WORKFLOW = {"../.github/workflows/ci.yml": Rendered(content=b"on: push\n")}


def alone_in(folder: Path) -> Roots:
    """A project that is a repository of its own."""
    folder.mkdir(exist_ok=True)
    return Roots(project=folder, git=folder)


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """A file system of its own in memory; the test is skipped where that is not permitted."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    """Change how it is mounted."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def test_compile_on_a_full_disk_changes_nothing_until_there_is_space(folder: Path) -> None:
    """A real full file system: the file and the reason are said, all files are the old ones, no staging is left."""
    disk_place = folder / "small"
    with mounted(disk_place, "size=96k"):
        roots = alone_in(disk_place / "project")
        write(FILES, roots)
        before = snapshot(disk_place)
        with pytest.raises(MlopscError, match=r"cannot write .*: No space left on device; nothing is lost\n.*free"):
            write(CHANGED, roots)
        assert snapshot(disk_place) == before
        remount(disk_place, "size=4m")
        write(CHANGED, roots)
        assert is_current(compare(CHANGED, roots), roots)


def test_compile_in_a_read_only_folder_says_so_and_checks_all_the_same(folder: Path) -> None:
    """A read-only mount: comparing works, writing names it, and where nothing changes nothing fails."""
    place = folder / "mounted"
    with mounted(place, "size=4m"):
        roots = alone_in(place / "project")
        write(FILES, roots)
        before = snapshot(place)
        remount(place, "ro")
        assert {change.action for change in write(FILES, roots)} == {Action.KEEP}
        with pytest.raises(MlopscError, match=r"cannot make the folder .*: Read-only file system; .*\n.*-o DIR"):
            write(CHANGED, roots)
        assert snapshot(place) == before
        remount(place, "rw")
        write(CHANGED, roots)


def test_compile_below_a_read_only_git_root_needs_it_only_for_workflows(folder: Path) -> None:
    """What lies in the project is written although the Git root cannot be; a workflow that changes is named."""
    repo = folder / "repo"
    with mounted(repo, "size=4m"):
        roots = Roots(project=repo / "ml", git=repo)
        roots.project.mkdir()
        write(FILES | WORKFLOW, roots)
        with mounted(roots.project, "size=4m"):
            write(FILES | WORKFLOW, roots)
            remount(repo, "ro")
            assert {change.action for change in write(CHANGED | WORKFLOW, roots)} == {Action.KEEP, Action.UPDATE}
            changed = {path: Rendered(content=b"on: pull_request\n") for path in WORKFLOW}
            before = snapshot(repo)
            with pytest.raises(MlopscError, match=r"cannot make the folder .*staging: Read-only file system"):
                write(FILES | changed, roots)
            assert snapshot(repo) == before
            remount(repo, "rw")
            write(FILES | changed, roots)


def test_compile_replaces_a_read_only_file(folder: Path) -> None:
    """The permissions of a file say who may change its content; as for Git, the folder decides who may replace it."""
    roots = alone_in(folder)
    write(FILES, roots)
    (folder / "mlops/README.md").chmod(0o444)
    write(CHANGED, roots)
    assert (folder / "mlops/README.md").read_bytes() == b"two\n"


class SlowOs(FaultyOs):
    """An ``os`` on a share far away: every call takes a while."""

    def failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """The function, slowly."""
        quick = super().failing(name, real)

        def call(*arguments: Any, **keywords: Any) -> Any:
            time.sleep(0.002)
            return quick(*arguments, **keywords)

        return call


def test_compile_on_a_slow_share_takes_its_time_and_the_second_one_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a compile takes, its own patience is not at stake; another one gives up with a message."""
    monkeypatch.setattr(disk, "os", SlowOs())
    monkeypatch.setattr(holding, "PATIENCE", 0.05)
    roots = alone_in(folder / "project")
    first = threading.Thread(target=write, args=(FILES, roots))
    first.start()
    while not (roots.project / ".mlopsc-staging").exists():
        time.sleep(0.001)
    monkeypatch.setattr(holding, "PATIENCE", 0.0)
    with pytest.raises(MlopscError, match=r"another compile is at work in .*project; nothing was written\n  help: try"):
        write(CHANGED, roots)
    first.join()
    assert is_current(compare(FILES, roots), roots)


class CaselessOs:
    """An ``os`` on a file system that takes `A` for `a`."""

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if not callable(real) or name in PURE:
            return real
        if name not in {"open", "stat", "mkdir", "rename", "unlink", "rmdir"}:
            return real

        def call(*arguments: Any, **keywords: Any) -> Any:
            if keywords.keys() & {"dir_fd", "src_dir_fd"}:
                arguments = tuple(one.lower() if isinstance(one, str) else one for one in arguments)
            return real(*arguments, **keywords)

        return call


def test_compile_renames_by_case_where_case_does_not_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that only changes the case of its name is the same file there: updated, neither lost nor an edit."""
    monkeypatch.setattr(disk, "os", CaselessOs())
    roots = alone_in(folder)
    write({"mlops/models/Late/config.json": Rendered(content=b"1\n")}, roots)
    changes = write({"mlops/models/late/config.json": Rendered(content=b"2\n")}, roots)
    assert {change.path: change.action for change in changes} == {
        "mlops/models/Late/config.json": Action.GONE,
        "mlops/models/late/config.json": Action.UPDATE,
    }
    assert (folder / "mlops/models/late/config.json").read_bytes() == b"2\n"
    assert (folder / "mlops.lock").read_text().endswith("  mlops/models/late/config.json\n")


@pytest.mark.parametrize(("one", "other"), [("mlops/Late/a", "mlops/late/a"), ("mlops/\u00e9", "mlops/e\u0301")])
def test_compile_refuses_two_files_that_are_one_elsewhere(one: str, other: str, folder: Path) -> None:
    """Paths that differ by case or by the form of an accent are refused on every machine; nothing is written."""
    with pytest.raises(MlopscError, match="are one file where case does not count"):
        write({path: Rendered(content=b"") for path in (one, other)}, alone_in(folder))
    assert list(folder.iterdir()) == []


def test_check_finds_models_that_differ_by_case(folder: Path) -> None:
    """The spec gets the diagnostic, with both places."""
    (folder / "mlops.yaml").write_text(
        SPEC.replace("species-of-penguin:", "late:")
        + SPEC.partition("models:\n")[2].replace("species-of-penguin:", "Late:")
    )
    found = [one.message for one in mlopsc.check(folder)]
    assert any("'Late'" in message for message in found), found


def test_compile_takes_the_longest_names_and_deep_folders(folder: Path) -> None:
    """Names of 255 bytes and paths of far more than the system's limit for a path are written, found and removed."""
    deep = "/".join(["d" * 200] * 30)
    long = {f"mlops/{'n' * 255}": Rendered(content=b"1\n"), f"mlops/{deep}/{'f' * 255}": Rendered(content=b"2\n")}
    roots = alone_in(folder)
    write(long, roots)
    assert is_current(compare(long, roots), roots)
    write(FILES, roots)
    assert sorted(path.name for path in (folder / "mlops").iterdir()) == ["README.md", "core", "go.sh"]
    with pytest.raises(MlopscError, match=r"cannot .*: File name too long; nothing is lost\n  help: shorten that name"):
        write({f"mlops/{'n' * 256}": Rendered(content=b"1\n")}, roots)


def test_compile_minds_no_names_that_are_not_text(folder: Path) -> None:
    """A folder whose name is no UTF-8, with such files around: compiled, and its name printed with escapes."""
    project = folder / os.fsdecode(b"caf\xe9")
    (project / "mlops").mkdir(parents=True)
    (project / "mlops.yaml").write_text(SPEC)
    (project / "mlops" / os.fsdecode(b"\xff\xfe")).write_bytes(b"mine\n")
    done = subprocess.run(
        [sys.executable, "-m", "mlopsc", "compile"],
        cwd=project,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "unchanged in " in done.stdout
    assert "caf\\udce9" in done.stdout
    assert (project / "mlops" / os.fsdecode(b"\xff\xfe")).read_bytes() == b"mine\n"


@pytest.mark.parametrize(("mask", "plain", "executable"), [(0o077, 0o600, 0o700), (0, 0o666, 0o777)])
def test_compile_gives_files_the_modes_that_the_umask_says(
    mask: int, plain: int, executable: int, folder: Path
) -> None:
    """As any program would; who may read a script may run it, and a permission that was lost comes back."""
    before = os.umask(mask)
    try:
        write(FILES, alone_in(folder))
        (folder / "mlops/go.sh").chmod(plain)
        write(FILES, alone_in(folder))
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "mlops/README.md").stat().st_mode) == plain
    assert stat.S_IMODE((folder / "mlops/go.sh").stat().st_mode) == executable


def git(folder: Path, *arguments: str) -> None:
    """Run Git as somebody."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_compile_takes_a_windows_checkout_for_unchanged(folder: Path) -> None:
    """With core.autocrlf and without core.symlinks, as on Windows, a fresh clone is current and an update works."""
    origin, clone = folder / "origin", folder / "clone"
    origin.mkdir()
    git(folder, "init", "-q", str(origin))
    (origin / "mlops.yaml").write_text(SPEC)
    mlopsc.compile(origin)
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "one")
    git(folder, "-c", "core.autocrlf=true", "-c", "core.symlinks=false", "clone", "-q", str(origin), str(clone))
    assert b"\r\n" in (clone / "mlops.lock").read_bytes()
    assert all(b"\r\n" in path.read_bytes() for path in (clone / ".github/workflows").iterdir())
    before = snapshot(clone / "mlops")
    assert {change.action for change in mlopsc.compile(clone)} == {Action.KEEP}
    assert snapshot(clone / "mlops") == before
    (clone / "mlops.yaml").write_text(SPEC.replace("train: {", "train: {seed: 3, "))
    assert not any(change.by_hand for change in mlopsc.compile(clone))


def test_git_root_is_found_in_worktrees_and_submodules(folder: Path) -> None:
    """There `.git` is a file; the workflows belong to the root of that checkout, not of the one around it."""
    repo, library = folder / "repo", folder / "library"
    for place in (repo, library):
        git(folder, "init", "-q", str(place))
        (place / "ml").mkdir()
        (place / "ml" / "mlops.yaml").write_text(SPEC)
        git(place, "add", "-A")
        git(place, "commit", "-qm", "one")
    git(repo, "worktree", "add", "-q", str(folder / "tree"))
    git(repo, "submodule", "add", "-q", str(library), "vendored")
    for place in (folder / "tree", repo / "vendored"):
        assert (place / ".git").is_file()
        assert git_root(place / "ml") == place
        mlopsc.compile(place / "ml")
        assert (place / ".github/workflows").is_dir()
    assert not (repo / ".github").exists()


def test_compile_does_not_write_beside_the_repository_of_a_stranger(folder: Path) -> None:
    """A `.git` of another user above the project is somebody else's, or a trap; Git refuses it as well."""
    if os.geteuid() != 0:
        pytest.skip("only root can make files of another user")
    roots = Roots(project=folder / "project", git=folder)
    roots.project.mkdir()
    (folder / ".git").mkdir()
    write(FILES | WORKFLOW, roots)
    os.chown(folder / ".git", 4242, 4242)
    write(CHANGED | WORKFLOW, roots)
    changed = {path: Rendered(content=b"on: pull_request\n") for path in WORKFLOW}
    before = snapshot(folder)
    with pytest.raises(MlopscError, match=r"\.git belongs to another user, and workflows would be written beside it"):
        write(CHANGED | changed, roots)
    assert snapshot(folder) == before


def test_compile_removes_a_lock_of_a_dead_process_and_minds_that_of_a_living_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where folders cannot be locked: a dead compile blocks nobody, a living one and another host's are named."""
    monkeypatch.setattr(holding, "_by_system", lambda _folder: None)
    monkeypatch.setattr(holding, "PATIENCE", 0.0)
    roots = alone_in(folder)
    busy = folder / ".mlopsc-busy"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        busy.write_text(f"{other.pid} {os.uname().nodename}\n")
        with pytest.raises(MlopscError, match=r"another compile is at work in .*\n.*; if none is, remove .*busy"):
            write(FILES, roots)
        other.communicate(b"\n")
    write(FILES, roots)
    assert not busy.exists()
    busy.write_text("1 another-host\n")
    with pytest.raises(MlopscError, match="another compile is at work"):
        write(FILES, roots)
    busy.write_text("")
    write(FILES, roots)
    assert not busy.exists()


def test_writer_imports_where_there_is_no_fcntl() -> None:
    """On Windows the module does not exist; a file stands in for the lock."""
    script = (
        "import sys; sys.modules['fcntl'] = None; from mlopsc.writer import *; import tempfile, pathlib\n"
        "place = pathlib.Path(tempfile.mkdtemp())\n"
        "write({'a': Rendered(content=b'1')}, Roots(project=place, git=place))\n"
        "print(sorted(path.name for path in place.iterdir()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "['a', 'mlops.lock']\n"
