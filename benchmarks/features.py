"""What features cost, in batch beside SQL by hand and Feast, and online: ``make bench-features``.

Exits 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from . import online, windows
from .measure import keep, table
from .peers import ROOT

RESULTS = ROOT / "benchmarks" / "results" / "features.json"


def main() -> None:
    """Measure both, print the table, keep it as JSON."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scratch", type=Path, help="the folder to work in; default: one for temporary files")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.scratch) as name:
        scratch = Path(name).resolve()
        places = [scratch / part for part in ("windows", "online")]
        for place in places:
            place.mkdir()
        rows = [*windows.rows(places[0]), *online.rows(places[1])]
        print(table(rows))
        keep(rows, RESULTS, scratch)
    sys.exit(any(row.verdict != "pass" for row in rows))


if __name__ == "__main__":
    main()
