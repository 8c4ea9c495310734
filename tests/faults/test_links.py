"""Symbolic links cannot lead the compiler out of its two roots, whatever they replace, and whenever."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import mlopsc
from mlopsc.diagnostics import MlopscError
from mlopsc.writer import Rendered, Roots, disk, write

from .harness import FaultyOs, snapshot

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


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a project below its root, compiled."""
    root = tmp_path_factory.mktemp("compiled") / "repo"
    project = root / "ml" / "penguins"
    project.mkdir(parents=True)
    (root / ".git").mkdir()
    (project / "mlops.yaml").write_text(SPEC)
    mlopsc.compile(project)
    return root


def components(root: Path) -> list[str]:
    """Every file that a compile writes, and every folder on the way to one, relative to the Git root."""
    found = {"ml/penguins/.mlopsc-staging", ".mlopsc-staging"}
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if relative.parts[0] != ".git" and relative.as_posix() not in {"ml", "ml/penguins", "ml/penguins/mlops.yaml"}:
            found.add(relative.as_posix())
    return sorted(found)


def outside(folder: Path, template: Path) -> Path:
    """A folder outside of the roots that holds all that a project holds, so that a link to it looks right."""
    elsewhere = folder / "elsewhere"
    shutil.copytree(template, elsewhere)
    (elsewhere / "precious").write_bytes(b"precious\n")
    return elsewhere


def replace_by_link(place: Path, kind: str, elsewhere: Path, relative: str) -> None:
    """Put a symbolic link where a file or folder of the project is."""
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    same = elsewhere / relative
    target = {
        "folder": same if same.is_dir() else elsewhere,
        "file": same if same.is_file() else elsewhere / "precious",
        "dangling": elsewhere / "nothing",
        "loop": place,
        "above": Path("../" * 12 + str(elsewhere)),
    }
    place.symlink_to(target[kind])


EXHAUSTIVE = (pytest.mark.slow, pytest.mark.exhaustive)


@pytest.mark.parametrize(
    "kind", ["folder", "dangling", *(pytest.param(one, marks=EXHAUSTIVE) for one in ("file", "loop", "above"))]
)
def test_compile_never_writes_through_a_link_at_any_component(
    kind: str, compiled: Path, folder: Path, count: Callable[[str, int], None]
) -> None:
    """Every file and every folder of a compile, replaced by a link: refused, or the link itself replaced if forced."""
    elsewhere = outside(folder, compiled)
    before = snapshot(elsewhere)
    number = 0
    for relative in components(compiled):
        for force in (False, True):
            repo = folder / "repo"
            shutil.copytree(compiled, repo)
            replace_by_link(repo / relative, kind, elsewhere, relative)
            try:
                mlopsc.compile(repo / "ml/penguins", force=force)
            except MlopscError as error:
                said = str(error)
                assert said.startswith(f"{repo / relative} is a symbolic link, and the compiler follows none"), said
            else:
                assert force == (not (repo / relative).is_symlink()) or "staging" in relative or "lock" in relative
            assert snapshot(elsewhere) == before, (relative, kind, force)
            shutil.rmtree(repo)
            number += 1
    count("links in place of files and folders", number)
    assert number == 2 * len(components(compiled))


class SwappingOs(FaultyOs):
    """An ``os`` during whose call ``at`` somebody swaps a folder for a link."""

    def __init__(self, swap: Callable[[], None], swap_at: int = 0) -> None:
        super().__init__()
        self._swap = swap
        self._swap_at = swap_at

    def failing(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        """The function, before which the swap happens when its turn has come."""
        counted = super().failing(name, real)

        def call(*arguments: object, **keywords: object) -> object:
            if len(self.calls) + 1 == self._swap_at:
                self._swap()
            return counted(*arguments, **keywords)

        return call


OLD = {
    "mlops/core/a.py": Rendered(content=b"a = 1\n"),
    "mlops/core/b.py": Rendered(content=b"b = 1\n"),
    "mlops/old/c.py": Rendered(content=b"c = 1\n"),
}
NEW = {
    "mlops/core/a.py": Rendered(content=b"a = 2\n"),
    "mlops/core/b.py": Rendered(content=b"b = 2\n"),
    "mlops/core/new/d.py": Rendered(content=b"d = 2\n"),
}


@pytest.mark.parametrize("swapped", ["mlops", "mlops/core", "mlops/old", ".mlopsc-staging"])
def test_compile_never_follows_a_link_that_is_swapped_in_between_check_and_write(
    swapped: str, folder: Path, count: Callable[[str, int], None]
) -> None:
    """At every single operation somebody moves a folder away and puts a link in its place; nothing outside changes."""
    template, elsewhere = folder / "template", folder / "elsewhere"
    template.mkdir()
    write(OLD, Roots(project=template, git=template))
    shutil.copytree(template, elsewhere)
    before = snapshot(elsewhere)
    at = number = 0
    while not at or number >= at:
        at += 1
        number = swap_during(template, folder / "project", swapped, elsewhere, at)
        assert snapshot(elsewhere) == before, (swapped, at)
        shutil.rmtree(folder / "project")
    count("links swapped in during a compile", at)
    assert at > 30


def swap_during(template: Path, project: Path, swapped: str, elsewhere: Path, at: int) -> int:
    """One compile with a swap before its operation ``at``; how many operations it had."""
    shutil.copytree(template, project)
    target = elsewhere / swapped if (elsewhere / swapped).exists() else elsewhere

    def swap() -> None:
        if (project / swapped).exists():
            (project / swapped).rename(project / "moved-away")
        (project / swapped).symlink_to(target)

    fake = SwappingOs(swap, at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "os", fake)
        try:
            write(NEW, Roots(project=project, git=project))
        except MlopscError as error:
            assert "help: " in str(error)  # noqa: PT017  (whether it is refused depends on the moment)
    return len(fake.calls)


def test_compile_works_where_the_user_reaches_the_project_through_links(compiled: Path, folder: Path) -> None:
    """Links above the roots are the user's: the project folder, `-o` and the spec may be reached through one."""
    shutil.copytree(compiled, folder / "repo")
    (folder / "by-link").symlink_to("repo/ml/penguins")
    assert mlopsc.plan(folder / "repo/ml/penguins").files == ()
    lone = folder / "lone"
    lone.mkdir()
    (lone / "mlops.yaml").symlink_to("../repo/ml/penguins/mlops.yaml")
    mlopsc.compile(lone)
    assert (lone / "mlops/plan.json").is_file()
    assert (lone / "mlops.yaml").is_symlink()
    (folder / "out").mkdir()
    (folder / "out-by-link").symlink_to("out")
    mlopsc.compile(lone, folder / "out-by-link" / "here")
    assert set(snapshot(folder / "out/here")) == set(snapshot(lone)) - {"mlops.yaml"}
    (folder / "repo/again").symlink_to(".")
    write(OLD, Roots(project=folder / "repo/again", git=folder / "repo"))
    mlopsc.compile(folder / "by-link")
    assert (folder / "by-link/mlops/plan.json").is_file()


LINE = "{digest}  {path}\n"
HOSTILE = (
    "../../../outside",
    "../outside",
    "/etc/hostname",
    "mlops/../../outside",
    "mlops/./a.py",
    "mlops//a.py",
    ".git/config",
    "mlops/.GIT/config",
    "mlops.yaml",
    "mlops.lock",
    "mlops/\x1b[31m",
    "mlops/\u202egnp.py",
    "a" * 5000,
    "\ufffd",
    "..",
    ".",
)


def test_compile_removes_nothing_that_a_hostile_lock_names(folder: Path) -> None:
    """Whatever a lock says, with the right digest even: nothing outside the roots goes, and no file of the user's."""
    project = folder / "repo" / "project"
    (project / ".git").mkdir(parents=True)
    digest = mlopsc_digest(b"mine\n")
    mine = [folder / "outside", folder / "repo/outside", project / ".git/config", project / "mlops.yaml"]
    for path in mine:
        path.write_bytes(b"mine\n")
    roots = Roots(project=project, git=project)
    write(OLD, roots)
    clean = (project / "mlops.lock").read_bytes()
    lines = "".join(LINE.format(digest=digest, path=path) for path in HOSTILE)
    (project / "mlops.lock").write_bytes(clean + lines.encode(errors="surrogateescape"))
    write(OLD, roots, force=True)
    assert [path.read_bytes() for path in mine] == [b"mine\n"] * len(mine)
    assert (project / "mlops.lock").read_bytes() == clean


def mlopsc_digest(content: bytes) -> str:
    """The digest as the lock has it."""
    from mlopsc.lock import digest  # noqa: PLC0415

    return digest(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"<<<<<<< HEAD\n=======\n>>>>>>> branch\n",
        b"# sha256 of something else\n" * 3,
        b"x" * (1 << 20),
    ],
    ids=["empty", "binary", "markers", "foreign", "one long line"],
)
def test_compile_rebuilds_a_lock_that_is_none(content: bytes, folder: Path) -> None:
    """A lock without one good line is a lost one: what is as rendered is ours again, and nothing is touched."""
    roots = Roots(project=folder, git=folder)
    write(OLD, roots)
    before = snapshot(folder)
    (folder / "mlops.lock").write_bytes(content)
    write(OLD, roots)
    assert snapshot(folder) == before


def test_compile_says_when_the_lock_is_a_folder(folder: Path) -> None:
    """A folder called mlops.lock is named, and stays."""
    (folder / "mlops.lock").mkdir()
    with pytest.raises(MlopscError, match=r"mlops\.lock is a folder, and a file of that name is to be written"):
        write(OLD, Roots(project=folder, git=folder))
    assert os.listdir(folder) == ["mlops.lock"]  # noqa: PTH208
