"""Every fragment at every place of the language: ``python -m fuzzing.everywhere``; places that are done are skipped."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from . import documents, hostile
from .injection import Bench, Host, fragments
from .places import places


def run(number: int, folder: Path) -> None:
    """Every form and fragment at one place; the counts and what was changed are noted in the folder."""
    logging.disable(logging.ERROR)
    place, seen, codes, changed = places()[number], Counter[str](), Counter[str](), []
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(documents.REPOSITORY / "examples" / "own-training" / "src", Path(name) / "src")
        bench = Bench(Path(name))
        for host in bench.hosts(place):
            for value in _values(bench, host):
                verdict = bench.judge(host, value)
                seen[verdict.kind] += 1
                codes.update([verdict.why] if verdict.kind == "refused" else [])
                if verdict.kind == "changed":
                    changed.append(f"{host.base} {host.form} {value[:60]!r}: {verdict.why[:1000]}")
    note = {"place": str(place), "seen": seen, "codes": codes, "changed": changed}
    (folder / f"{number}.json").write_text(json.dumps(note), encoding="utf-8")


def _values(bench: Bench, host: Host) -> list[str]:
    """Every fragment; where no text of the user's own is taken at all, the forms say little more than the first."""
    if host.form != "alone" and bench.twin(host).rendered is None:
        return [hostile.CARRIED, hostile.COMBINED]
    return [*fragments(host.place, host.form), *([hostile.LONG] if host.form == "alone" else [])]


def main() -> int:
    """Run what is not yet done, print a row per place, and exit 1 where a text was changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=documents.REPOSITORY / "build" / "injection")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    numbers = range(len(places()))
    missing = [number for number in numbers if not (asked.folder / f"{number}.json").exists()]
    started = time.monotonic()
    with ProcessPoolExecutor(asked.jobs) as pool:
        tasks = [pool.submit(run, number, asked.folder) for number in missing]
        for count, task in enumerate(as_completed(tasks), 1):
            task.result()
            if count % 10 == 0:
                print(f"{count} of {len(missing)} places after {time.monotonic() - started:.0f} s", flush=True)
    return _summary([json.loads((asked.folder / f"{number}.json").read_text()) for number in numbers])


def _summary(notes: list[dict[str, Any]]) -> int:
    total: Counter[str] = Counter()
    for note in notes:
        seen, codes, changed = Counter(note["seen"]), Counter(note["codes"]), note["changed"]
        total += seen
        refused = ", ".join(f"{code} {number}" for code, number in codes.most_common(4))
        print(f"{note['place']:55} {seen['carried']:6} carried {seen['refused']:6} refused ({refused})")
        for line in changed:
            print(f"  CHANGED {line}")
    print(
        f"{len(notes)} places, {total.total()} texts: {total['carried']} carried, {total['refused']} refused, ", end=""
    )
    print(f"{total['changed']} changed")
    return 1 if total["changed"] else 0


if __name__ == "__main__":
    sys.exit(main())
