"""A failure at every single operation of a compile: every file old or new, and the next compile repairs."""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import mlopsc.writer
from mlopsc import phases
from mlopsc.diagnostics import MlopscError
from mlopsc.writer import Rendered, Roots, disk, holding, replace_text, write

from .harness import Dead, State, faulty, snapshot, torn

ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT")
DEATHS = ("death before", "death after")
OTHERS = ("short write", "lasting ENOSPC", "lasting EROFS")
SAFE = {"getpid", "kill", "name", "path", "strerror"}  # what may be used of `os` outside of the seam
UNSAFE = {"open", "write_text", "write_bytes", "mkdir", "rmdir", "unlink", "touch", "chmod", "symlink_to", "rename"}


def files(**content: str) -> dict[str, Rendered]:
    """Rendered files, by names with `__` for a slash and `_d_` for a dot."""
    return {
        path.replace("__", "/").replace("_d_", "."): Rendered(content=text.encode(), executable=path.endswith("sh"))
        for path, text in content.items()
    }


FIRST = files(
    mlops__README_d_md="one\n", mlops__core__a_d_py="x = 1\n", mlops__old__deep__b_d_py="y = 1\n", mlops__go_d_sh="#!\n"
)
SECOND = files(
    mlops__README_d_md="two\n", mlops__core__a_d_py="x = 1\n", mlops__new__deep__c_d_py="z\n", mlops__go_d_sh="#!\n"
)
MANY = {f"mlops/models/m{number}/config.json": Rendered(content=f"{number}\n".encode()) for number in range(10)}
MANY_AGAIN = {path: Rendered(content=file.content + b"more\n") for path, file in list(MANY.items())[1:]}


def nothing(folder: Path) -> None:
    """Leave the project as it was compiled."""
    del folder


def edit(folder: Path) -> None:
    """Edit a file that is generated on, and one that is not."""
    (folder / "mlops/README.md").write_bytes(b"mine\n")
    (folder / "mlops/old/deep/b.py").write_bytes(b"mine too\n")


def after_a_kill(folder: Path) -> None:
    """What a killed compile may leave, a lost permission, and a lock that a merge went through."""
    (folder / ".mlopsc-staging/0/deep").mkdir(parents=True)
    (folder / ".mlopsc-staging/0/deep/half.py").write_bytes(b"ha")
    (folder / "mlops/go.sh").chmod(0o644)
    text = (folder / "mlops.lock").read_text()
    (folder / "mlops.lock").write_text(f"<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n")


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is there before a compile, and what the compile is to write."""

    before: Mapping[str, Rendered] = field(default_factory=dict)
    after: Mapping[str, Rendered]
    meanwhile: Callable[[Path], None] = nothing
    force: bool = False
    below: str = ""  # where the project lies in its repository
    partial: bool = False

    def roots(self, folder: Path) -> Roots:
        """The roots of the project in a folder."""
        return Roots(project=folder / self.below if self.below else folder, git=folder)

    def begin(self, folder: Path) -> Roots:
        """Make the state before the compile."""
        roots = self.roots(folder)
        roots.project.mkdir(parents=True)
        write(self.before, roots)
        self.meanwhile(roots.project)
        return roots

    def compile(self, roots: Roots) -> None:
        """The compile itself."""
        write(self.after, roots, force=self.force, partial=self.partial)


WORKFLOW = {"../../.github/workflows/ci.yml": Rendered(content=b"on: push\n")}
OLD_WORKFLOW = {"../../.github/workflows/old.yml": Rendered(content=b"on: push\n")}
STORIES = {
    "first": Story(after=FIRST),
    "again": Story(before=FIRST, after=SECOND),
    "nothing new": Story(before=FIRST, after=FIRST),
    "edited": Story(before=FIRST, after=SECOND, meanwhile=edit),
    "forced": Story(before=FIRST, after=SECOND, meanwhile=edit, force=True),
    "after a kill": Story(before=FIRST, after=SECOND, meanwhile=after_a_kill),
    "many": Story(before=MANY, after=MANY_AGAIN),
    "below": Story(before=FIRST | OLD_WORKFLOW, after=SECOND | WORKFLOW, below="ml/p"),
    "file to folder": Story(before=files(mlops__a="1\n"), after=files(mlops__a__b="2\n", mlops__c="3\n")),
    "folder to file": Story(before=files(mlops__a__b__c="1\n"), after=files(mlops__a="2\n")),
    "one target": Story(before=FIRST, after=files(mlops__README_d_md="two\n"), partial=True),
}


def suffer(story: Story, template: Path, states: tuple[State, State], at: int, fault: str) -> BaseException | None:
    """Compile with one fault, hold what must be true after it, repair, and hold that the repair is complete."""
    folder = template / "now"
    shutil.copytree(template / "before", folder, symlinks=True)
    roots = story.roots(folder)
    raised: BaseException | None = None
    with faulty(at, fault):
        try:
            story.compile(roots)
        except (Dead, MlopscError) as error:
            raised = error
    wrong = torn(snapshot(folder), *states)
    assert not wrong, f"{fault} at {at}: {wrong}"
    story.compile(roots)
    assert snapshot(folder) == states[1], f"{fault} at {at}"
    shutil.rmtree(folder)
    return raised


def prepare(story: Story, folder: Path) -> list[str]:
    """The state before, and the one after an undisturbed compile, in folders of their own; its operations."""
    story.begin(folder / "before")
    shutil.copytree(folder / "before", folder / "after", symlinks=True)
    with faulty() as counting:
        story.compile(story.roots(folder / "after"))
    return counting.calls


def inject(story: Story, folder: Path, faults: Callable[[int, str], tuple[str, ...]]) -> int:
    """Inject the chosen faults at every operation; how many that were."""
    calls = prepare(story, folder)
    states = snapshot(folder / "before"), snapshot(folder / "after")
    number = 0
    for at, name in enumerate(calls, start=1):
        for fault in faults(at, name):
            raised = suffer(story, folder, states, at, fault)
            number += 1
            if fault.startswith("death"):
                assert isinstance(raised, Dead), (at, name, fault)
            elif raised is not None:
                assert_clear(raised, fault, folder / "now")
            else:
                assert name == "close", (at, name, fault)  # of a folder, through which nothing was written
    return number


def assert_clear(error: BaseException, fault: str, folder: Path) -> None:
    """The message names what could not be done, the whole path, what the system said, and what to do next."""
    says = re.escape(os.strerror(getattr(errno, fault.rpartition(" ")[2], errno.ENOSPC)))
    pattern = rf"cannot [a-z ]+ {re.escape(str(folder))}\S*: {says}; nothing is lost\n  help: .+"
    assert re.fullmatch(pattern, str(error)), str(error)
    assert isinstance(error, MlopscError)
    assert error.exit_code == 1


def some(at: int, name: str) -> tuple[str, ...]:
    """What every run injects at each operation: one kind of error in turn, a death, and a write that is cut short."""
    kinds = (*ERRORS, "lasting ENOSPC", "lasting EROFS")
    return (kinds[at % len(kinds)], "death before", *(("short write",) if name == "write" else ()))


def everything(at: int, name: str) -> tuple[str, ...]:
    """All kinds of faults."""
    del at
    return (*ERRORS, *DEATHS, *(OTHERS if name == "write" else OTHERS[1:]))


@pytest.mark.parametrize("name", STORIES)
def test_compile_repairs_after_a_fault_at_every_operation(
    name: str, folder: Path, count: Callable[[str, int], None]
) -> None:
    """Whatever fails, and wherever a compile dies: files old or new, hand edits kept, the next compile complete."""
    number = inject(STORIES[name], folder, some)
    count("faults injected at single operations", number)
    assert number > 2 * 20


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", STORIES)
def test_compile_repairs_after_every_kind_of_fault_at_every_operation(
    name: str, folder: Path, count: Callable[[str, int], None]
) -> None:
    """The same with all kinds of errors, before and after the operation, passing and lasting."""
    count("faults of every kind injected", inject(STORIES[name], folder, everything))


@pytest.mark.slow
@pytest.mark.exhaustive
def test_compile_of_an_example_repairs_after_a_fault_at_every_operation(
    repository: Path, folder: Path, count: Callable[[str, int], None]
) -> None:
    """The whole flights example, changed in every second file, with every fifth file gone: the same holds."""
    analysis = phases.analyse(repository / "examples/flight-delays/mlops.yaml")
    files = dict(phases.compilation(analysis, out=folder / "unused").rendered)
    again = {
        path: Rendered(content=file.content + b"\n" * (number % 2), executable=file.executable)
        for number, (path, file) in enumerate(files.items())
        if number % 5
    }
    for name, story in (("first", Story(after=files)), ("again", Story(before=files, after=again))):
        (folder / name).mkdir()
        count("faults injected into the compile of an example", inject(story, folder / name, some))


def test_compile_brings_to_the_disk_what_must_be_there_first(folder: Path) -> None:
    """Contents before the lock that knows them, the lock before the moves, the moves before the last lock."""
    seen = ("write", "fsync", "syncfs", "rename", "unlink", "rmdir")
    orders = []
    for name in ("many", "again"):
        (folder / name).mkdir()
        calls = [call for call in prepare(STORIES[name], folder / name) if call in seen]
        orders.append([call for call, before in zip(calls, ("", *calls), strict=False) if call != before])
    lock = ["write", "fsync", "rename", "fsync"]
    bulk = ["write", *(["syncfs"] if disk.can_sync_all() else []), *lock, "unlink", "rmdir", "rename"]
    assert orders[0] == [*bulk, *(["syncfs"] if disk.can_sync_all() else ["fsync"]), *lock, "unlink", "rmdir"]
    # The first write is that of the `.gitignore` of the staging folder, which nobody would miss.
    few = ["write", "fsync", "write", "fsync", *lock, "unlink", "rmdir", "rename", "fsync", *lock, "unlink", "rmdir"]
    assert orders[1] == few


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system whose folders cannot be locked, and a compile that has died by the time of the next one."""
    done = subprocess.Popen(["true"])
    done.wait()
    monkeypatch.setattr(holding, "_by_system", lambda _folder: None)
    monkeypatch.setattr(holding, "_me", f"{done.pid} {socket.gethostname()}\n".encode)
    monkeypatch.setattr(holding, "PATIENCE", 0.0)


@pytest.mark.usefixtures("without_locks")
def test_compile_repairs_where_folders_cannot_be_locked(folder: Path, count: Callable[[str, int], None]) -> None:
    """The file that stands in for the lock is taken over from a dead compile, at whatever operation it died."""
    count("faults injected at single operations", inject(STORIES["again"], folder, some))


@pytest.mark.usefixtures("without_locks")
@pytest.mark.parametrize("name", ["again", "below", "file to folder", "folder to file"])
def test_compile_repairs_where_folders_cannot_be_held_open(
    name: str, folder: Path, count: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same by paths alone, as on Windows."""
    monkeypatch.setattr(disk, "_RELATIVE", False)
    monkeypatch.setattr(disk, "can_sync_all", lambda: False)
    count("faults injected at single operations", inject(STORIES[name], folder, some))


def test_replace_text_leaves_the_old_or_the_new_text_after_every_fault(
    folder: Path, count: Callable[[str, int], None]
) -> None:
    """A spec that is mended in place is never torn, and a failure leaves nothing beside it."""
    spec = folder / "mlops.yaml"
    spec.write_bytes(b"old\n")
    with faulty() as counting:
        replace_text(spec, b"old\n", b"new\n")
    number = 0
    for at, name in enumerate(counting.calls, start=1):
        for fault in (*ERRORS, *DEATHS, "short write"):
            spec.write_bytes(b"old\n")
            with faulty(at, fault), suppress(Dead, MlopscError):
                replace_text(spec, b"old\n", b"new\n")
            assert spec.read_bytes() in {b"old\n", b"new\n"}, (at, name, fault)
            left = [path for path in folder.iterdir() if path != spec]
            assert not left or fault in DEATHS, (at, name, fault)
            for path in left:
                path.unlink()
            number += 1
    count("faults injected at single operations", number)
    assert number == 8 * len(counting.calls)


def test_writer_touches_files_through_the_seam_alone() -> None:
    """What is not in `disk.py` cannot be made to fail by these tests: no other module of the writer may call it."""
    found = []
    for path in sorted(Path(str(mlopsc.writer.__file__)).parent.glob("*.py")):
        if path.name == "disk.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                found += [f"{path.name}: os.{node.attr}"] if node.attr not in SAFE else []
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                found += [f"{path.name}: {name}"] if name in UNSAFE else []
            elif isinstance(node, ast.Import):
                found += [f"{path.name}: {one.name}" for one in node.names if one.name in {"shutil", "tempfile", "io"}]
    assert found == []
