"""Compiling again is safe: what is written, what is kept, and what a crash leaves behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from pathlib import Path

import pytest

from mlopsc import writer
from mlopsc.diagnostics import MlopscError
from mlopsc.writer import Action, Rendered, Roots, alone, compare, is_current, write

FIRST = {
    "mlops/README.md": Rendered(content=b"one\n"),
    "mlops/runtime/core/paths.py": Rendered(content=b"x = 1\n"),
    "mlops/start.sh": Rendered(content=b"#!/bin/sh\n", executable=True),
    ".github/workflows/p-ci.yml": Rendered(content=b"name: ci\n"),
}
SECOND = {
    "mlops/README.md": Rendered(content=b"two\n"),
    "mlops/runtime/core/paths.py": Rendered(content=b"x = 1\n"),
    "mlops/runtime/serve/app.py": Rendered(content=b"y = 2\n"),
    ".github/workflows/p-ci.yml": Rendered(content=b"name: new\n"),
}


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """A project at the root of its repository."""
    return Roots(project=tmp_path, git=tmp_path)


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` but the lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "mlops.lock"
    }


def contents(rendered: dict[str, Rendered]) -> dict[str, bytes]:
    """The bytes that should be on disk."""
    return {path: file.content for path, file in rendered.items()}


def actions(changes: tuple[writer.Change, ...]) -> dict[str, Action]:
    """What happened to each file."""
    return {change.path: change.action for change in changes}


def test_write_first_time_writes_files_and_a_lock_that_sha256sum_reads(roots: Roots) -> None:
    """After a first compile everything is there, and an ordinary tool can check it."""
    write(FIRST, roots)
    assert on_disk(roots.project) == contents(FIRST)
    assert (roots.project / "mlops.lock").read_text().splitlines() == [
        f"{hashlib.sha256(FIRST[path].content).hexdigest()}  {path}" for path in sorted(FIRST)
    ]
    assert os.access(roots.project / "mlops/start.sh", os.X_OK)
    subprocess.run(["sha256sum", "--strict", "-c", "mlops.lock"], cwd=roots.project, check=True, capture_output=True)


def test_write_again_updates_adds_removes_and_leaves_the_rest_alone(roots: Roots) -> None:
    """A second compile changes only what changed; a file that is not generated any more goes, with its folder."""
    write(FIRST, roots)
    kept = roots.project / "mlops/runtime/core/paths.py"
    os.utime(kept, ns=(1, 1))
    changes = write(SECOND, roots)
    assert actions(changes) == {
        ".github/workflows/p-ci.yml": Action.UPDATE,
        "mlops/README.md": Action.UPDATE,
        "mlops/runtime/core/paths.py": Action.KEEP,
        "mlops/runtime/serve/app.py": Action.CREATE,
        "mlops/start.sh": Action.REMOVE,
    }
    assert on_disk(roots.project) == contents(SECOND)
    assert kept.stat().st_mtime_ns == 1
    assert is_current(compare(SECOND, roots), roots)


def test_write_keeps_a_hand_edit_until_it_is_forced(roots: Roots) -> None:
    """An edited file is named and kept, everything else is written; force restores it."""
    write(FIRST, roots)
    edited = roots.project / "mlops/README.md"
    edited.write_bytes(b"mine\n")
    assert actions(write(SECOND, roots))["mlops/README.md"] is Action.EDITED
    assert edited.read_bytes() == b"mine\n"
    assert (roots.project / ".github/workflows/p-ci.yml").read_bytes() == b"name: new\n"
    assert not is_current(compare(SECOND, roots), roots)
    edited.write_bytes(b"one\n")
    assert actions(compare(SECOND, roots))["mlops/README.md"] is Action.UPDATE
    edited.write_bytes(b"mine\n")
    write(SECOND, roots, force=True)
    assert on_disk(roots.project) == contents(SECOND)


def test_write_keeps_an_edited_file_that_is_no_longer_generated(roots: Roots) -> None:
    """A stale file goes only if it is as it was written."""
    write(FIRST, roots)
    stale = roots.project / "mlops/start.sh"
    stale.write_bytes(b"#!/bin/sh\nmine\n")
    assert actions(write(SECOND, roots))["mlops/start.sh"] is Action.STALE_EDITED
    assert stale.read_bytes() == b"#!/bin/sh\nmine\n"
    write(SECOND, roots, force=True)
    assert not stale.exists()


def test_write_takes_windows_line_ends_for_no_edit(roots: Roots) -> None:
    """Git may check files out with CRLF."""
    write(FIRST, roots)
    (roots.project / "mlops/README.md").write_bytes(b"one\r\n")
    assert is_current(compare(FIRST, roots), roots)
    assert actions(write(SECOND, roots))["mlops/README.md"] is Action.UPDATE


def test_write_rebuilds_a_lost_lock_where_bytes_are_equal(roots: Roots) -> None:
    """Without a lock an equal file is ours, another one is somebody's."""
    write(FIRST, roots)
    lock = (roots.project / "mlops.lock").read_text()
    (roots.project / "mlops.lock").unlink()
    assert not is_current(compare(FIRST, roots), roots)
    write(FIRST, roots)
    assert (roots.project / "mlops.lock").read_text() == lock
    (roots.project / "mlops.lock").unlink()
    assert actions(compare(SECOND, roots))["mlops/README.md"] is Action.EDITED


def test_write_reads_both_sides_of_a_conflicted_lock(roots: Roots) -> None:
    """After a merge the lock may hold markers; a file that either side generated is no edit."""
    write(FIRST, roots)
    ours = (roots.project / "mlops.lock").read_text()
    theirs = ours.replace(ours[:64], "0" * 64)
    (roots.project / "mlops.lock").write_text(f"<<<<<<< HEAD\n{theirs}=======\n{ours}>>>>>>> branch\n")
    write(SECOND, roots)
    assert on_disk(roots.project) == contents(SECOND)
    assert "<<<<" not in (roots.project / "mlops.lock").read_text()


def test_write_never_follows_a_symbolic_link_out_of_the_project(tmp_path: Path) -> None:
    """A folder that is a link to elsewhere is refused; a file that is one counts as edited, and force replaces it."""
    project, elsewhere = tmp_path / "p", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    roots = Roots(project=project, git=project)
    (project / "mlops").symlink_to(elsewhere)
    with pytest.raises(MlopscError, match="mlops is a symbolic link, and the compiler follows none"):
        write(FIRST, roots)
    assert list(elsewhere.iterdir()) == []
    (project / "mlops").unlink()
    write(FIRST, roots)
    secret = elsewhere / "secret"
    secret.write_bytes(b"one\n")
    (project / "mlops/README.md").unlink()
    (project / "mlops/README.md").symlink_to(secret)
    assert actions(write(SECOND, roots))["mlops/README.md"] is Action.EDITED
    write(SECOND, roots, force=True)
    assert secret.read_bytes() == b"one\n"
    assert not (project / "mlops/README.md").is_symlink()


def test_write_refuses_a_path_outside_both_roots(tmp_path: Path) -> None:
    """Neither an artifact nor a doctored lock reaches beyond the Git root."""
    git = tmp_path / "repo"
    roots = Roots(project=git / "ml" / "p", git=git)
    roots.project.mkdir(parents=True)
    write({"../../.github/workflows/p.yml": Rendered(content=b"name: p\n")}, roots)
    assert (git / ".github/workflows/p.yml").read_bytes() == b"name: p\n"
    with pytest.raises(MlopscError, match="leads outside of"):
        write({"../../../x": Rendered(content=b"")}, roots)
    outside = tmp_path / "x"
    outside.write_bytes(b"keep\n")
    with (roots.project / "mlops.lock").open("a") as file:
        file.write(f"{hashlib.sha256(outside.read_bytes()).hexdigest()}  ../../../x\n")
    write({"../../.github/workflows/p.yml": Rendered(content=b"name: p\n")}, roots)
    assert outside.read_bytes() == b"keep\n"


def test_write_says_when_a_folder_is_in_the_way(roots: Roots) -> None:
    """A folder with the name of a file is not removed."""
    (roots.project / "mlops/README.md").mkdir(parents=True)
    with pytest.raises(MlopscError, match=r"README\.md is a folder, and a file of that name is to be written"):
        write(FIRST, roots)


def test_write_partial_leaves_the_other_files_and_their_lines_alone(roots: Roots) -> None:
    """Compiling one target neither removes nor forgets the files of the others."""
    write(FIRST, roots)
    only = {"mlops/README.md": SECOND["mlops/README.md"]}
    assert actions(write(only, roots, partial=True)) == {"mlops/README.md": Action.UPDATE}
    assert on_disk(roots.project) == contents(FIRST | only)
    assert is_current(compare(FIRST | only, roots), roots)


def test_write_waits_for_another_compile_or_says_so(roots: Roots, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two compiles at once never mix: the second waits for the first, and gives up with a clear message."""
    monkeypatch.setattr("mlopsc.writer.holding.PATIENCE", 0.0)
    with alone(roots.project), pytest.raises(MlopscError, match="another compile is at work in"):
        write(FIRST, roots)
    monkeypatch.setattr("mlopsc.writer.holding.PATIENCE", 60.0)
    with alone(roots.project):
        second = threading.Thread(target=write, args=(FIRST, roots))
        second.start()
    second.join()
    assert on_disk(roots.project) == contents(FIRST)
