"""How long checking, compiling and starting a run take, beside other tools of the field: ``make bench-compile``.

Both sides of a claim are whole processes of installed packages with compiled bytecode, and run in turn. A row holds the
medians of five runs. Exits 1 when a target is missed. ``--only NAME`` measures a part, ``--scratch DIR`` works there:
on some file systems a file is made slowly for minutes after many were removed, so nothing is removed before the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count
from pathlib import Path

from .measure import Row, Side, compared, in_turn, keep, once, table
from .peers import QUIET, ROOT, ours, peer
from .projects import DVC_STAGES, KFP_TEN, QUICK_START, dbt_fleet, dvc_chain, fleet, penguins

RESULTS = ROOT / "benchmarks" / "results" / "compile.json"
SMALL, LARGE = 100, 1000
MEMORY = 500  # MB
CHANGED = 417


class Bench:
    """The folders and commands of one measurement."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._numbers = count()

    @cached_property
    def bin(self) -> Path:
        """Our environment, from the wheel of this working tree."""
        return ours(self.scratch)

    def project(self, spec: str) -> Path:
        """A new folder with this spec, the root of a repository."""
        folder = self.scratch / f"project-{next(self._numbers)}"
        (folder / ".git").mkdir(parents=True)
        (folder / "mlops.yaml").write_text(spec, encoding="utf-8")
        return folder

    def mlopsc(self, *arguments: str, folder: Path | None = None, spec: str | None = None, **env: str) -> Side:
        """A command of ours, in one folder or in a new one with ``spec`` at every run."""
        place = (lambda _: self.project(spec)) if spec is not None else (lambda _: folder or self.scratch)
        return Side(command=[str(self.bin / "mlopsc"), *arguments], folder=place, environment=env)

    def other(self, name: str, *arguments: str, folder: Callable[[int], Path] | None = None) -> Side:
        """A command of a peer."""
        command = [str(peer(name) / arguments[0]), *arguments[1:]]
        return Side(command=command, folder=folder or (lambda _: self.scratch), environment=QUIET)


def start(bench: Bench) -> Iterator[Row]:
    """How soon the command line answers."""
    spec = bench.project(QUICK_START)
    helped, checked, imported = in_turn(
        bench.mlopsc("--help"),
        bench.mlopsc("check", folder=spec),
        bench.other("click", "python", "-c", "import click"),
        runs=15,
    )
    yield compared("mlopsc --help", helped, imported, "import click", 1.5)
    yield compared("mlopsc check, quick start", checked, imported, "import click", 4)


def ten(bench: Bench) -> Iterator[Row]:
    """A first compile of nine steps and a monitor."""
    (bench.scratch / "ten.py").write_text(KFP_TEN, encoding="utf-8")
    mine, kfp = in_turn(bench.mlopsc("compile", spec=fleet(1)), bench.other("kfp", "python", "ten.py"))
    yield compared("mlopsc compile, 10 steps", mine, kfp, "kfp compile, 10 steps", 1 / 4)


def thousand(bench: Bench) -> Iterator[Row]:
    """A thousand models: the first compile, its memory, how it grows, and what follows."""
    text = fleet(LARGE)
    large, small, dbt = in_turn(
        bench.mlopsc("compile", spec=text),
        bench.mlopsc("compile", spec=fleet(SMALL)),
        bench.other("dbt", "dbt", "parse", "--profiles-dir", ".", folder=lambda _: _dbt_project(bench)),
    )
    yield compared("mlopsc compile, 1000 models", large, dbt, "dbt parse, 1000 models", 1 / 8)
    yield Row(
        claim="memory, 1000 models", unit="MB", ours=large.megabytes, peer=MEMORY, peer_name="the limit", target=1
    )
    yield compared("1000 models to 100 models", large, small, "100 models", 12)
    yield from _again(bench, text)


def _again(bench: Bench, text: str) -> Iterator[Row]:
    """With nothing changed, and with one model changed."""
    first, again = bench.mlopsc("compile", spec=text), bench.mlopsc("compile", folder=bench.project(text))
    folder = again.folder(0)
    once(again)
    before = _stamps(folder)
    new, same = in_turn(first, again)
    yield compared("mlopsc compile, nothing changed", same, new, "the first compile", 1 / 6)
    yield Row(
        claim="files written, nothing changed",
        unit="files",
        ours=len(_differing(before, _stamps(folder))),
        peer=1,
        peer_name="0 allowed",
        target=0,
    )
    (folder / "mlops.yaml").write_text(fleet(LARGE, changed=CHANGED), encoding="utf-8")
    once(again)
    written = _differing(before, _stamps(folder)) - {"mlops.lock"}
    strange = [path for path in written if f"models/late-{CHANGED}/" not in path]
    yield Row(
        claim=f"files of other models written ({len(written)} written)",
        unit="files",
        ours=len(strange) if written else 1,
        peer=1,
        peer_name="0 allowed, one model changed",
        target=0,
    )


def run(bench: Bench) -> Iterator[Row]:
    """A run that has nothing to do: 18 steps of two models, beside as many stages as DVC's part needs."""
    folder = bench.project(penguins(2))
    shutil.copytree(ROOT / "examples" / "penguins" / "data", folder / "data")
    python = {"MLOPSC_PYTHON": sys.executable}  # it has what the steps import
    for words in (["compile"], ["run", "--jobs", "1"]):
        print(f"mlopsc {words[0]}, once", flush=True)
        once(bench.mlopsc(*words, folder=folder, **python))
    mine, dvc = in_turn(
        bench.mlopsc("run", folder=folder, **python),
        bench.other("dvc", "dvc", "repro", folder=_same(_dvc_project(bench))),
    )
    yield compared("mlopsc run, nothing to do, 18 steps", mine, dvc, f"dvc repro, {DVC_STAGES} stages", 1 / 8)


def _same(folder: Path) -> Callable[[int], Path]:
    return lambda _: folder


def _dbt_project(bench: Bench) -> Path:
    folder = bench.project("")
    for path, text in dbt_fleet(LARGE).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def _dvc_project(bench: Bench) -> Path:
    folder = bench.scratch / "dvc"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "dvc.yaml").write_text(dvc_chain(), encoding="utf-8")
    (folder / "in.txt").write_text("1\n", encoding="utf-8")
    for words in (["init", "--quiet"], ["repro", "--quiet"]):
        once(bench.other("dvc", "dvc", *words, folder=_same(folder)))
    return folder


def _stamps(folder: Path) -> dict[str, int]:
    """When each generated file was written."""
    files = (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    found = {file.relative_to(folder).as_posix(): file.stat().st_mtime_ns for file in files}
    return {path: stamp for path, stamp in found.items() if not path.startswith(".mlops/") and path != "mlops.yaml"}


def _differing(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}


PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {"start": start, "ten": ten, "thousand": thousand, "run": run}


def main() -> None:
    """Measure, print the table, keep it as JSON."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated")
    words.add_argument("--scratch", type=Path, help="the folder to work in; default: one for temporary files")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.scratch) as name:
        bench = Bench(Path(name).resolve())
        rows = [row for part, measured in PARTS.items() if part in (asked.only or PARTS) for row in measured(bench)]
        print(table(rows))
        if not asked.only:
            keep(rows, RESULTS, bench.scratch)
    sys.exit(any(row.verdict != "pass" for row in rows))


if __name__ == "__main__":
    main()
