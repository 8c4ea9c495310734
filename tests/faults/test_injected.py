"""A failure at every single operation of a compile: every file old or new, and the next compile repairs."""

from __future__ import annotations

import ast
import errno
import inspect
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import mlopsc.writer
from mlopsc.diagnostics import MlopscError
from mlopsc.writer import Rendered, Roots, holding, write
from mlopsc.writer.disk import _RELATIVE

from .harness import Dead, State, faulty, snapshot, torn


ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT")
DEATHS = ("death before", "death after")
OTHERS = ("short write", "lasting ENOSPC", "lasting EROFS")
SAFE = {"getpid", "kill", "name", "path", "fspath", "strerror", "supports_fd"}  # of `os`, outside of the seam


def files(**content: str) -> dict[str, Rendered]:
    """Rendered files, by names with `__` for a slash and `_d_` for a dot."""
    return {
        path.replace("__", "/").replace("_d_", "."): Rendered(content=text.encode(), executable=path.endswith("sh"))
        for path, text in content.items()
    }


FIRST = files(
    mlops__README_d_md="one\n", mlops__core__a_d_py="x = 1\n", mlops__old__deep__b_d_py="y = 1\n", mlops__go_d_sh="#!\n"
)
SECOND = files(mlops__README_d_md="two\n", mlops__core__a_d_py="x = 1\n", mlops__new__deep__c_d_py="z\n", mlops__go_d_sh="#!\n")
MANY = {f"mlops/models/m{number}/config.json": Rendered(content=f"{number}\n".encode()) for number in range(12)}
MANY_AGAIN = {path: Rendered(content=file.content + b"more\n") for path, file in list(MANY.items())[2:]}


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


def suffer(
    story: Story, template: Path, states: tuple[State, State], at: int, fault: str
) -> BaseException | None:
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
    word = fault.split()[-1] if fault.split()[-1] in errno.errorcode.values() else "ENOSPC"
    says = re.escape(os.strerror(getattr(errno, word)))
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
@pytest.mark.parametrize("name", STORIES)
def test_compile_repairs_after_every_kind_of_fault_at_every_operation(
    name: str, folder: Path, count: Callable[[str, int], None]
) -> None:
    """The same with all kinds of errors, before and after the operation, passing and lasting."""
    count("faults of every kind injected", inject(STORIES[name], folder, everything))
