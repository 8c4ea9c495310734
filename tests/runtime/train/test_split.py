"""Which side a row lands on: by time, by hash, by group, by class."""

from __future__ import annotations

from typing import Any


def test_time_split_keeps_the_future_out_of_training(trained_flights: Any) -> None:
    """Every training flight is older than every validation flight, and those older than every test flight."""
    report = trained_flights.read("split/split.json")
    spans = {
        part: trained_flights.rows(
            f"SELECT min(scheduled_departure)::VARCHAR, max(scheduled_departure)::VARCHAR FROM 'split/{part}.parquet'"
        )[0]
        for part in ("train", "validation", "test")
    }
    assert spans["train"][1] < spans["validation"][0] < spans["validation"][1] < spans["test"][0]
    assert spans["validation"][0] == "2013-09-13 19:05:00"
    assert spans["test"][0] == "2013-11-06 13:00:00"
    assert report["boundaries"] == {"validation_from": "2013-09-13T19:05:00", "test_from": "2013-11-06T13:00:00"}
    assert (report["train"], report["validation"], report["test"]) == (229136, 49097, 49113)
    assert report["dropped_null_labels"] == 336776 - 229136 - 49097 - 49113 == 9430


def test_random_split_does_not_move_rows_when_rows_are_added(diabetes: Any) -> None:
    """A patient stays on the same side whatever other patients there are."""
    diabetes.step("ingest", "features", "split")
    before = {part: set(diabetes.rows(f"SELECT patient FROM 'split/{part}.parquet'")) for part in ("train", "test")}
    path = diabetes.folder / "data" / "diabetes.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:222]) + "\n")
    diabetes.step("ingest", "features", "split")
    for part, patients in before.items():
        now = set(diabetes.rows(f"SELECT patient FROM 'split/{part}.parquet'"))
        assert now == {patient for patient in patients if patient[0] <= 221}


def test_another_seed_gives_another_random_split(diabetes: Any) -> None:
    """The seed of the split decides with the key."""
    tests = []
    for seed in (0, 1):
        diabetes.config["split"]["seed"] = seed
        diabetes.write()
        diabetes.step("ingest", "features", "split")
        tests.append(set(diabetes.rows("SELECT patient FROM 'split/test.parquet'")))
    assert tests[0] != tests[1]


def test_group_split_never_divides_a_group(flights: Any) -> None:
    """All flights of a destination are on one side."""
    flights.config["split"] = {"by": "group", "group": "dest", "validation": 0.2, "test": 0.2}
    flights.write()
    flights.step("ingest", "features", "split")
    sides = flights.rows(
        "SELECT raw__dest, count(DISTINCT filename) FROM read_parquet('split/*.parquet', filename = true) GROUP BY 1"
    )
    assert len(sides) == 104
    assert {count for _, count in sides} == {1}


def test_stratified_split_gives_every_class_its_share(penguins: Any) -> None:
    """Of 152, 68 and 124 penguins a fifth of each species is in the test."""
    penguins.config["split"]["stratify"] = True
    penguins.write()
    penguins.step("ingest", "features", "split")
    labels = penguins.read("split/split.json")["labels"]
    assert labels["test"] == {"Adelie": 30, "Chinstrap": 13, "Gentoo": 24}
    assert labels["validation"] == {"Adelie": 23, "Chinstrap": 10, "Gentoo": 19}


def test_training_can_be_limited_to_the_newest_rows(flights: Any) -> None:
    """With rows of the last thirty days the training part starts thirty days before its end."""
    flights.config["train"]["last_seconds"] = 30 * 86400
    flights.write()
    flights.step("ingest", "features", "split")
    report = flights.read("split/split.json")
    assert report["train_since"] == "2013-08-14T19:04:00"
    oldest = flights.rows("SELECT min(scheduled_departure)::VARCHAR FROM 'split/train.parquet'")[0][0]
    assert oldest > "2013-08-14 19:04:00"
    assert report["test"] == 49113


def test_split_that_leaves_no_rows_is_an_error(diabetes: Any) -> None:
    """A part that would be empty is named."""
    path = diabetes.folder / "data" / "diabetes.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:3]) + "\n")
    done = diabetes.step("ingest", "features", "split", code=1)
    assert "error[progression split]: no row is left for '" in done.stderr
    assert "(2 rows with a label, split by random)" in done.stderr
