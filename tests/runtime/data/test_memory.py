"""Data that is larger than the memory of the step that reads it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

TIMES = 16
MEMORY = 256  # MiB that the step may use for rows
KINDS = {"csv": "FORMAT csv, HEADER, NULLSTR 'NA'", "json": "FORMAT json"}


MEASURED = """
import atexit, pathlib, re, runpy, sys
def say():
    status = pathlib.Path("/proc/self/status").read_text()
    print("peak", int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) * 1024)
atexit.register(say)
sys.argv = ["mlops", "late-arrival", "ingest"]
runpy.run_module("mlops", run_name="__main__")
"""
"""The step in a process that says at its end how many bytes it held at most, libraries and all."""


def peak(project: Any, **environment: str) -> int:
    """The bytes that an ingest of the project's model needs at most."""
    command, surroundings = [sys.executable, "-c", MEASURED], {**os.environ, **environment}
    done = subprocess.run(command, cwd=project.folder, env=surroundings, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout.split()[-1])


def many(project: Any, kind: str) -> Path:
    """The flights of the year, many times over, without order."""
    target = Path(project.folder / "data" / f"many.{kind}")
    query = f"SELECT * EXCLUDE n FROM '{project.folder}/data/flights.parquet', range({TIMES}) AS times(n) ORDER BY n"
    with duckdb.connect() as database:
        database.execute("SET memory_limit = '2GiB'")
        database.execute(f"SET temp_directory = '{project.folder}/spill'")
        database.execute(f"COPY ({query}) TO '{target}' ({KINDS[kind]})")
    return target


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell what a process used")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_ingest_needs_less_memory_than_its_data(flights: Any, kind: str) -> None:
    """A text of the flights, many times over, is read and typed within a limit far below its size."""
    file = many(flights, kind)
    flights.config["datasets"]["flights"]["source"] = {"kind": kind, "path": f"data/{file.name}"}
    flights.write()
    used = peak(flights, MLOPS_MEMORY=f"{MEMORY}MiB")
    assert flights.read("ingest/ingest.json")["datasets"]["flights"]["rows"] == 336_776 * TIMES
    assert used < file.stat().st_size


def test_limit_that_is_no_amount_is_a_message(penguins: Any) -> None:
    """The variable is a person's own."""
    done = penguins.run("species", "ingest", code=1, MLOPS_MEMORY="plenty")
    assert done.stderr == (
        "error[species ingest]: MLOPS_MEMORY is 'plenty', which is no amount of memory\n  help: write one such as 4GB\n"
    )


def test_folder_of_a_killed_step_goes_with_the_next(penguins: Any) -> None:
    """What another step is still reading stays, on this machine and on others that share the home."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host, names = socket.gethostname(), {"kept": os.getpid(), "gone": ended.pid}
    for name, process in names.items():
        (penguins.folder / ".mlops" / "tmp" / f"{host}.{process}.{name}").mkdir(parents=True)
    (penguins.folder / ".mlops" / "tmp" / f"elsewhere.{ended.pid}.kept").mkdir()
    penguins.step("ingest")
    left = {file.name for file in (penguins.folder / ".mlops" / "tmp").iterdir()}
    assert left == {f"{host}.{os.getpid()}.kept", f"elsewhere.{ended.pid}.kept"}
