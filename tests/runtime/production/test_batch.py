"""A batch scores files and datasets as they are, with windows that look back on the whole history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

ASKED = "flight_id, scheduled_departure, carrier, origin, distance, dep_delay"


def query(sql: str) -> list[tuple[Any, ...]]:
    """The answer to a query over files."""
    with duckdb.connect() as database:
        return database.execute(sql).fetchall()


def december(project: Any, ending: str, days: str = "1 AND 31") -> str:
    """The flights of days of December without what is only known later, as a file in the project."""
    data = project.folder / "data"
    chosen = f"month(scheduled_departure) = 12 AND day(scheduled_departure) BETWEEN {days}"
    query(f"COPY (SELECT {ASKED} FROM '{data}/flights.parquet' WHERE {chosen}) TO '{data}/december.{ending}'")
    return f"data/december.{ending}"


def logged(project: Any) -> list[dict[str, Any]]:
    """Every line of the prediction log."""
    files = sorted((project.folder / ".mlops" / "predictions").glob("*/*/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_batch_of_a_file_equals_the_batch_of_the_dataset(late_arrival: Any) -> None:
    """28,135 flights of December in a file of their own: the history of their windows is found in the dataset."""
    folder = late_arrival.folder
    late_arrival.step("batch", "--output", "all.parquet", "--no-log")
    for ending in ("parquet", "csv"):
        name = december(late_arrival, ending)
        done = late_arrival.step("batch", "--input", name, "--output", f"{ending}.parquet")
        assert done.stdout == (
            f"late-arrival version 1: 28,135 rows scored, written to {folder}/{ending}.parquet\n"
            f"prediction log: 28,135 predictions in {folder}/.mlops/predictions/late-arrival\n"
        )
        same = query(
            "SELECT count(*), count(*) FILTER (abs(a.score - b.score) < 1e-12 AND a.prediction = b.prediction) "
            f"FROM '{folder}/{ending}.parquet' a JOIN '{folder}/all.parquet' b USING (flight_id)"
        )
        assert same == [(28135, 28135)]
    assert [row[:2] for row in query(f"DESCRIBE FROM '{folder}/csv.parquet'")] == [
        ("flight_id", "VARCHAR"),
        ("scheduled_departure", "TIMESTAMP"),
        ("score", "DOUBLE"),
        ("prediction", "BOOLEAN"),
        ("version", "VARCHAR"),
    ]


def test_batch_run_twice_logs_once(late_arrival: Any) -> None:
    """The same rows by the same version replace their lines; ids, keys and dates stay."""
    for _ in range(2):
        late_arrival.step("batch", "--input", december(late_arrival, "parquet", "30 AND 31"), "--output", "out.parquet")
    lines = logged(late_arrival)
    assert len(lines) == len({line["request_id"] for line in lines}) == 1744
    folders = sorted(path.name for path in (late_arrival.folder / ".mlops/predictions/late-arrival").iterdir())
    assert folders == ["date=2013-12-30", "date=2013-12-31"]
    assert set(lines[0]) == {
        *("request_id", "key", "time", "features", "request", "score", "decision", "version", "logged_at")
    }


def test_batch_writes_the_probability_of_every_class(species: Any) -> None:
    """Three species: three probabilities that sum to one, the score is the largest."""
    species.step("batch", "--output", "out.parquet")
    found = query(
        "SELECT count(*), count(*) FILTER (abs(probability_Adelie + probability_Chinstrap + probability_Gentoo - 1) "
        f"< 1e-9 AND score = greatest(probability_Adelie, probability_Chinstrap, probability_Gentoo)) "
        f"FROM '{species.folder}/out.parquet'"
    )
    assert found == [(344, 344)]
    assert len(logged(species)) == 344


def test_batch_without_log_leaves_the_log_alone(species: Any) -> None:
    """``--no-log`` writes the answers only."""
    done = species.step("batch", "--output", "out.parquet", "--no-log")
    assert done.stdout == f"species version local: 344 rows scored, written to {species.folder}/out.parquet\n"
    assert not (species.folder / ".mlops" / "predictions").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("january", "'january' is neither a dataset of this model nor a CSV, JSON or Parquet file"),
        ("data/january.csv", "data/january.csv does not exist"),
        ("data/wrong.parquet", "data/wrong.parquet is not a parquet file: its content is text"),
        ("data/narrow.csv", "data/narrow.csv has no column 'bill_depth_mm'"),
    ],
)
def test_batch_of_a_wrong_input_says_what_is_wrong(species: Any, name: str, message: str) -> None:
    """A name that is nothing, a file that is not there, not what its ending says, or too narrow; nothing written."""
    (species.folder / "data" / "wrong.parquet").write_text("island,sex\n", encoding="utf-8")
    columns = [field["name"] for field in species.config["request"] if field["name"] != "bill_depth_mm"]
    (species.folder / "data" / "narrow.csv").write_text(",".join(columns) + "\nBiscoe,,1,2,3\n", encoding="utf-8")
    done = species.step("batch", "--input", name, "--output", "out.parquet", code=1)
    assert message in done.stderr
    assert not Path(species.folder, "out.parquet").exists()
