"""Reading only what is new: from files and from a database, whatever happened between two runs."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

JANUARY, FEBRUARY = 27_004, 24_951
COLUMNS = ("flight_id", "scheduled_departure", "carrier", "distance", "arr_delay")


@pytest.fixture
def increments(flights: Any) -> Callable[..., Any]:
    """A function that makes the flights a source that is read since the last run."""

    def change(**source: Any) -> Any:
        dataset = flights.config["datasets"]["flights"]
        dataset["source"] = {"since": "last_run", "cursor": "scheduled_departure", **source}
        dataset["columns"] = {name: dataset["columns"][name] for name in COLUMNS}
        flights.write()
        return flights

    return change


def month(project: Any, number: int) -> None:
    """Put the flights of a month of 2013 into a file of the folder ``parts``."""
    table, target = project.folder / "data" / "flights.parquet", project.folder / "parts" / f"{number:02}.parquet"
    target.parent.mkdir(exist_ok=True)
    duckdb.sql(f"COPY (FROM '{table}' WHERE month(scheduled_departure) = {number}) TO '{target}' (FORMAT parquet)")


def ingested(project: Any) -> dict[str, Any]:
    """The report of an ingest, whose figures stand in what it prints."""
    printed = project.step("ingest").stdout
    entry: dict[str, Any] = project.read("ingest/ingest.json")["datasets"]["flights"]
    late = f", {entry['late_rows']:,} of them late" if entry["late_rows"] else ""
    assert f"flights: {entry['rows']:,} rows ({entry['new_rows']:,} new{late})" in printed
    return entry


def rows(project: Any) -> list[Any]:
    """What is there for the next step: rows, different rows, and what their delays add up to."""
    return list(
        project.rows("SELECT count(*), count(DISTINCT flight_id), sum(arr_delay) FROM 'ingest/flights.parquet'")
    )


def test_new_files_of_a_folder_are_added(increments: Callable[..., Any]) -> None:
    """The second run adds a month, the third nothing, and all rows are what one run on everything gives."""
    project = increments(kind="parquet", path="parts")
    month(project, 1)
    assert (ingested(project)["new_rows"], rows(project)[0][0]) == (JANUARY, JANUARY)
    month(project, 2)
    second = ingested(project)
    assert (second["new_rows"], second["rows"], second["late_rows"]) == (FEBRUARY, JANUARY + FEBRUARY, 0)
    bit_by_bit = rows(project)
    third = ingested(project)
    assert (third["new_rows"], third["rows"], third["sha256"]) == (0, JANUARY + FEBRUARY, second["sha256"])
    shutil.rmtree(project.folder / ".mlops")  # a fresh machine reads everything
    whole = ingested(project)
    assert (whole["new_rows"], rows(project)) == (JANUARY + FEBRUARY, bit_by_bit)
    assert whole["sha256"] == second["sha256"]


def test_rows_that_come_late_are_added_and_said(increments: Callable[..., Any]) -> None:
    """A month that arrives after a later one is not lost, and counts once."""
    project = increments(kind="parquet", path="parts")
    month(project, 2)
    ingested(project)
    month(project, 1)
    entry = ingested(project)
    assert (entry["new_rows"], entry["late_rows"], entry["rows"]) == (JANUARY, JANUARY, JANUARY + FEBRUARY)
    assert ingested(project)["new_rows"] == 0
    month(project, 3)
    assert ingested(project)["late_rows"] == 0


def database(project: Any, until: str) -> sqlite3.Connection:
    """A database with the flights before a date."""
    file = project.folder / "data" / "of flights.db"
    file.unlink(missing_ok=True)
    store = sqlite3.connect(file)
    store.execute(f"create table flights ({', '.join(COLUMNS)})")
    insert(project, store, f"scheduled_departure < '{until}'")
    return store


def insert(project: Any, store: sqlite3.Connection, where: str, limit: int = 10_000) -> int:
    """Add the flights that meet a condition; their number comes back."""
    shown = "flight_id, CAST(scheduled_departure AS VARCHAR), carrier, distance, arr_delay"
    query = f"SELECT {shown} FROM '{project.folder}/data/flights.parquet' WHERE {where} ORDER BY 2, 1 LIMIT {limit}"
    with duckdb.connect() as reader:
        found = reader.execute(query).fetchall()
    store.executemany("insert into flights values (?, ?, ?, ?, ?)", found)
    store.commit()
    return len(found)


QUERY = {"kind": "sql", "url": "sqlite:///data/of flights.db", "query": "select * from flights order by flight_id;"}


def test_query_asks_for_what_is_new(increments: Callable[..., Any]) -> None:
    """Rows with the time of the last one, rows before it, and rows that the database has dropped since."""
    project = increments(**QUERY)
    with closing(database(project, "2013-01-10")) as store:
        store.execute("delete from flights where scheduled_departure = '2013-01-09 22:45:00' and carrier = 'B6'")
        store.execute("delete from flights where scheduled_departure > '2013-01-09 22:45:00'")
        store.execute("delete from flights where flight_id in (select flight_id from flights limit 5)")
        store.commit()
        first = ingested(project)
        assert first["new_rows"] == first["rows"] == store.execute("select count(*) from flights").fetchone()[0]
        tied = insert(project, store, "scheduled_departure = '2013-01-09 22:45:00' AND carrier = 'B6'")
        later = insert(project, store, "scheduled_departure >= '2013-01-10' AND scheduled_departure < '2013-01-12'")
        second = ingested(project)
        assert (second["new_rows"], second["late_rows"]) == (tied + later, 0)
        assert tied > 0
        # As many come late as the database drops, before the first that it still has: neither is forgotten.
        dropped = store.execute("delete from flights where scheduled_departure < '2013-01-01 12:00:00'").rowcount
        late = insert(project, store, "scheduled_departure >= '2013-02-01' AND carrier = 'HA'", 3)
        moved = "update flights set scheduled_departure = '2013-01-05 10:00:00' where rowid > "
        store.execute(moved + "(select max(rowid) - 3 from flights)")
        store.commit()
        third = ingested(project)
        assert (third["new_rows"], third["late_rows"]) == (late, late)
        assert third["rows"] == second["rows"] + late
        assert dropped > late
        without = store.execute("update flights set scheduled_departure = null where carrier = 'HA'").rowcount
        store.commit()
        message = project.step("ingest", code=1).stderr
    assert f"column 'scheduled_departure' says which rows are new, and {without} rows have none\n" in message
    assert rows(project)[0][0] == third["rows"]


def test_other_query_starts_over(increments: Callable[..., Any]) -> None:
    """What was kept came from another question."""
    project = increments(**QUERY)
    with closing(database(project, "2013-01-03")):
        every = ingested(project)["rows"]
        fewer = ingested(increments(**{**QUERY, "query": "select * from flights where carrier = 'UA'"}))
    assert fewer["rows"] == fewer["new_rows"] < every


def test_kept_rows_travel_with_the_state(increments: Callable[..., Any], tmp_path: Path) -> None:
    """Another machine that pulls the state goes on where this one stopped."""
    project = increments(kind="parquet", path="parts")
    project.plan["storage"] = "${SHELF}/state"
    project.write()
    project.environment["SHELF"] = str(tmp_path / "shelf")
    month(project, 1)
    ingested(project)
    project.run("state", "push")
    shutil.rmtree(project.folder / ".mlops")
    project.run("state", "pull")
    month(project, 2)
    assert ingested(project)["new_rows"] == FEBRUARY


KILLED = """
import os, runpy, sys
left, real = int(sys.argv[1]), os.replace
def replace(*paths, **more):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    return real(*paths, **more)
os.replace = replace
sys.argv = ["mlops", "late-arrival", "ingest"]
runpy.run_module("mlops", run_name="__main__")
"""
"""The step in a process that is killed where it would give a file its name, the first time or a later one."""


def test_killed_run_costs_no_row_and_no_copy(increments: Callable[..., Any]) -> None:
    """Wherever the second run is killed, the next one ends where an undisturbed one would."""
    project = increments(kind="parquet", path="parts")
    month(project, 1)
    ingested(project)
    month(project, 2)
    shutil.copytree(project.folder / ".mlops", project.folder / "before")
    for renames in range(10):
        shutil.rmtree(project.folder / ".mlops")
        shutil.copytree(project.folder / "before", project.folder / ".mlops")
        command = [sys.executable, "-c", KILLED, str(renames)]
        code = subprocess.run(command, cwd=project.folder, check=False, capture_output=True).returncode
        if code == 0:
            break
        assert code == -signal.SIGKILL
        if (project.work / "ingest").exists():  # the output is the old one, the new one, or away
            assert rows(project)[0][0] == project.read("ingest/ingest.json")["datasets"]["flights"]["rows"]
        assert ingested(project)["rows"] == JANUARY + FEBRUARY
        assert rows(project)[0][:2] == (JANUARY + FEBRUARY, JANUARY + FEBRUARY)
        kept = {file.name for file in (project.folder / ".mlops/sources/late-arrival/flights").iterdir()}
        assert kept == {"000001.parquet", "000002.parquet", "state.json"}
    assert renames == 5
