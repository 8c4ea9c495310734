"""Whole processes measured side by side: wall and CPU seconds, medians of runs in turn, a row per claim."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RUNS = 5
MEGABYTE = 1024  # of ru_maxrss, which Linux gives in kB


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A command and where it runs; ``before`` is called, unmeasured, with the number of each run."""

    command: Sequence[str]
    folder: Callable[[int], Path]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Seconds of one process, or the medians of several."""

    wall: float
    cpu: float
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One claim: what we take, what the peer takes, and how the two may differ at most."""

    claim: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    target: float
    ours_cpu: float | None = None
    peer_cpu: float | None = None

    @property
    def ratio(self) -> float:
        """Ours to the peer's."""
        return self.ours / self.peer

    @property
    def verdict(self) -> str:
        """Whether the claim holds."""
        return "pass" if self.ratio <= self.target else "MISSED"


def compared(claim: str, ours: Time, peer: Time, peer_name: str, target: float) -> Row:
    """The row of two times."""
    return Row(
        claim=claim,
        unit="s",
        ours=ours.wall,
        peer=peer.wall,
        peer_name=peer_name,
        target=target,
        ours_cpu=ours.cpu,
        peer_cpu=peer.cpu,
    )


def in_turn(*sides: Side, runs: int = RUNS) -> list[Time]:
    """The medians of each side, after one run of each that is not counted; every round runs all of them."""
    times: list[list[Time]] = [[] for _ in sides]
    for run in range(runs + 1):
        for side, found in zip(sides, times, strict=True):
            found.append(once(side, run))
    return [median(found[1:]) for found in times]


def once(side: Side, run: int = 0) -> Time:
    """One process; bytecode is kept, as in an installation."""
    folder = side.folder(run)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        side.command,
        cwd=folder,
        env=env | side.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(side.command)} failed in {folder}:\n{said.decode(errors='replace')[-2000:]}")
    return Time(wall=wall, cpu=used.ru_utime + used.ru_stime, megabytes=used.ru_maxrss / MEGABYTE)


def median(times: Sequence[Time]) -> Time:
    """The medians of wall and CPU seconds, and the most memory."""
    return Time(
        wall=statistics.median(one.wall for one in times),
        cpu=statistics.median(one.cpu for one in times),
        megabytes=max(one.megabytes for one in times),
    )


def table(rows: Sequence[Row]) -> str:
    """The rows for people."""
    head = f"{'claim':<44}{'ours':>10}{'peer':>10}  {'(CPU s)':<18}{'ratio':>8}{'target':>8}  verdict"
    lines = [head, "-" * len(head)]
    for row in rows:
        cpu = f"({row.ours_cpu:.3f} {row.peer_cpu:.3f})" if row.ours_cpu and row.peer_cpu else ""
        numbers = f"{row.ours:>10.3f}{row.peer:>10.3f}  {cpu:<18}{row.ratio:>8.3f}{row.target:>8.3f}"
        lines.append(f"{row.claim:<44}{numbers}  {row.verdict}  [{row.unit}; {row.peer_name}]")
    return "\n".join(lines)


def keep(rows: Sequence[Row], file: Path, scratch: Path) -> None:
    """The rows as JSON, with the machine that they were measured on."""
    found = [{**asdict(row), "ratio": row.ratio, "verdict": row.verdict} for row in rows]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"machine": machine(scratch), "rows": found}, indent=2) + "\n", encoding="utf-8")


def machine(scratch: Path) -> dict[str, str | int | float]:
    """What the figures depend on."""
    disk = subprocess.run(["stat", "-f", "-c", "%T", str(scratch)], capture_output=True, text=True, check=False)
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "file_system": disk.stdout.strip() or "unknown",
        "load": os.getloadavg()[0],
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * resource.getpagesize() // 2**20,
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
