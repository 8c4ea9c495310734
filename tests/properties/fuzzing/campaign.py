"""As many cases as you like, in processes of their own: ``python -m fuzzing.campaign --cases 100000``.

Batches that are done are noted in the folder, and are not run again; every failure is kept there with its spec.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from . import documents
from .case import hold
from .specs import STRATEGIES

BATCH = 250
SHARES = {"bytes": 5, "text": 10, "valid": 45, "schema": 5, "mutated": 35}
"""Which strategies the batches are drawn from, in percent."""


@dataclass(slots=True)
class Batch:
    """One strategy with one seed, and what became of its cases."""

    strategy: str
    seed: int
    seen: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its note."""
        return f"{self.strategy}-{self.seed}"


def batches(cases: int) -> list[Batch]:
    """The batches that ``cases`` cases are divided into, the strategies in turn."""
    found = [
        Batch(strategy=strategy, seed=number)
        for strategy, share in SHARES.items()
        for number in range(max(1, round(cases * share / 100 / BATCH)))
    ]
    return sorted(found, key=lambda batch: (batch.seed, batch.strategy))


def run(batch: Batch, folder: Path) -> Batch:
    """Run one batch; a failure ends its property, and the cases before it count."""
    logging.disable(logging.ERROR)
    seen: Counter[str] = Counter()
    started = time.process_time()
    with tempfile.TemporaryDirectory(dir=_memory()) as name:
        project = Path(name)
        shutil.copytree(documents.REPOSITORY / "examples" / "own-training" / "src", project / "src")

        def one(content: bytes) -> None:
            try:
                seen.update([hold(project, content)])
            except Exception as error:  # noqa: BLE001  (whatever it is, it is the finding)
                seen.update(["failed"])
                where = folder / f"failure-{batch.name}-{len(batch.failures)}.yaml"
                where.write_bytes(content)
                where.with_suffix(".txt").write_text(
                    traceback.format_exc(), encoding="utf-8", errors="backslashreplace"
                )
                batch.failures.append(f"{type(error).__name__}: {error}"[:300])

        property_ = settings(
            max_examples=BATCH,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )(seed(batch.seed)(given(STRATEGIES[batch.strategy]())(one)))
        property_()
    batch.seen, batch.seconds = dict(seen), time.process_time() - started
    (folder / f"{batch.name}.json").write_text(json.dumps(asdict(batch)), encoding="utf-8")
    return batch


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  (each case is one small file)


def main() -> int:
    """Run what is not yet done, print the counts of all, and exit 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=documents.REPOSITORY / "build" / "fuzz")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    wanted = batches(asked.cases)
    missing = [batch for batch in wanted if not (asked.folder / f"{batch.name}.json").exists()]
    print(f"{len(wanted)} batches of {BATCH} cases, {len(wanted) - len(missing)} of them already done", flush=True)
    started = time.monotonic()
    with ProcessPoolExecutor(asked.jobs) as pool:
        tasks = [pool.submit(run, batch, asked.folder) for batch in missing]
        for number, task in enumerate(as_completed(tasks), 1):
            for failure in task.result().failures:
                print(f"FAILED {task.result().name}: {failure}", flush=True)
            if number % 20 == 0:
                print(f"{number} of {len(missing)} batches after {time.monotonic() - started:.0f} s", flush=True)
    return _summary([Batch(**json.loads((asked.folder / f"{batch.name}.json").read_text())) for batch in wanted])


def _summary(done: list[Batch]) -> int:
    kinds = ("unreadable", "errors", "unsupported", "compiled", "failed")
    print(f"{'strategy':10}" + "".join(f"{name:>13}" for name in ("cases", *kinds)) + f"{'CPU s':>10}")
    total: Counter[str] = Counter()
    seconds = 0.0
    for strategy in SHARES:
        mine = [batch for batch in done if batch.strategy == strategy]
        seen: Counter[str] = sum((Counter(batch.seen) for batch in mine), Counter())
        spent = sum(batch.seconds for batch in mine)
        print(f"{strategy:10}{seen.total():13}" + "".join(f"{seen[kind]:13}" for kind in kinds) + f"{spent:10.0f}")
        total += seen
        seconds += spent
    print(f"{'all':10}{total.total():13}" + "".join(f"{total[kind]:13}" for kind in kinds) + f"{seconds:10.0f}")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
