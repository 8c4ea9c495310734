"""How long checking and compiling take: ``make bench-compile``.

Each command runs as a process of its own, as a person or CI starts it, on specs with copies of the penguins' model.
A row holds the median of five runs: wall seconds and CPU seconds of the process. The limits are ours; there is no peer
in this table yet. Exits 1 when a limit is missed.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "penguins" / "mlops.yaml"
RESULTS = ROOT / "benchmarks" / "results" / "compile.json"
MLOPSC = str(Path(sys.executable).with_name("mlopsc"))
RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One claim: a command on a spec stays below a limit of CPU seconds."""

    claim: str
    wall: float
    cpu: float
    limit: float

    @property
    def verdict(self) -> str:
        """Whether the limit is kept."""
        return "pass" if self.cpu <= self.limit else "MISSED"


def main() -> None:
    """Measure, print the table, keep it as JSON."""
    rows = [
        measured("mlopsc --help", 1, ["--help"], 0.3),
        measured("check, 1 model", 1, ["check"], 1.0),
        measured("compile, 1 model, first time", 1, ["compile"], 2.0, before=forget),
        measured("compile, 1 model, again", 1, ["compile"], 2.0),
        measured("check, 100 models", 100, ["check"], 2.0),
        measured("compile, 100 models, again", 100, ["compile"], 5.0),
    ]
    print(f"{'claim':<32}{'wall s':>8}{'CPU s':>8}{'limit':>8}  verdict")
    for row in rows:
        print(f"{row.claim:<32}{row.wall:>8.2f}{row.cpu:>8.2f}{row.limit:>8.2f}  {row.verdict}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([{**asdict(row), "verdict": row.verdict} for row in rows], indent=2) + "\n")
    sys.exit(any(row.verdict != "pass" for row in rows))


def measured(
    claim: str, models: int, arguments: list[str], limit: float, *, before: Callable[[Path], None] | None = None
) -> Row:
    """The medians of a command on a spec with so many models, after one run that is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mlops.yaml").write_text(spec(models), encoding="utf-8")
        once(folder, ["compile"])
        times = []
        for _ in range(RUNS):
            if before:
                before(folder)
            times.append(once(folder, arguments))
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    return Row(claim=claim, wall=wall, cpu=cpu, limit=limit)


def once(folder: Path, arguments: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one process; bytecode is kept, as in an installation."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cpu, wall = children(), time.perf_counter()
    subprocess.run([MLOPSC, *arguments], cwd=folder, env=env, check=True, capture_output=True)
    return time.perf_counter() - wall, children() - cpu


def children() -> float:
    """CPU seconds of the processes that ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spec(models: int) -> str:
    """The penguins' spec with its model so many times."""
    head, model = EXAMPLE.read_text(encoding="utf-8").split("models:\n")
    copies = (model.replace("penguin-species:", f"penguin-species-{i:03}:") for i in range(models))
    return head + "models:\n" + "".join(copies)


def forget(folder: Path) -> None:
    """Remove what was compiled."""
    for file in sorted(folder.rglob("*"), reverse=True):
        if file.name != "mlops.yaml":
            file.rmdir() if file.is_dir() else file.unlink()


if __name__ == "__main__":
    main()
