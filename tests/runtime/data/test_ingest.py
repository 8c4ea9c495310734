"""Reading real files, and saying what is wrong with files that are not what they should be."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest


def source(project: Any) -> Path:
    """The data file of the penguins."""
    return Path(project.folder / "data" / "penguins.csv")


def edit(project: Any, before: str, after: str) -> None:
    """Replace the first ``before`` in the data file of the penguins."""
    text = source(project).read_text()
    assert before in text
    source(project).write_text(text.replace(before, after, 1))


def fails(project: Any) -> str:
    """The message of a failing ingest; nothing is left of its output."""
    message = project.step("ingest", code=1).stderr
    assert {path.name for path in project.work.rglob("*")} <= {"ingest", "promoted.json"}
    return str(message).removeprefix("error[species ingest]: ").replace(str(project.folder), "<project>")


def test_ingest_types_columns_and_reads_na_as_missing(penguins: Any) -> None:
    """Declared types come out; 'NA' is missing in numbers and in words."""
    penguins.step("ingest")
    rows = penguins.rows("SELECT * FROM 'ingest/penguins.parquet' LIMIT 4")
    assert rows[0] == ("Adelie", "Torgersen", 39.1, 18.7, 181.0, 3750.0, "male", 2007)
    assert rows[3] == ("Adelie", "Torgersen", None, None, None, None, None, 2007)


def test_ingest_reports_rows_and_content_hash(penguins: Any) -> None:
    """The hash is that of the file's bytes, so that lineage can name the data."""
    penguins.step("ingest")
    report = penguins.read("ingest/ingest.json")["datasets"]["penguins"]
    assert report["rows"] == 344
    assert report["sha256"] == hashlib.sha256(source(penguins).read_bytes()).hexdigest()


def test_ingest_keeps_a_word_that_is_allowed(penguins: Any) -> None:
    """Where 'NA' is declared as a value it is one."""
    penguins.config["datasets"]["penguins"]["columns"]["sex"]["allowed"] = ["male", "female", "NA"]
    penguins.write()
    penguins.step("ingest")
    assert penguins.rows("SELECT sex, count(*) FROM 'ingest/penguins.parquet' GROUP BY 1 ORDER BY 1") == [
        ("NA", 11),
        ("female", 165),
        ("male", 168),
    ]


def test_ingest_names_row_and_value_that_do_not_fit(penguins: Any) -> None:
    """All columns that do not fit are named at once, each with its rows."""
    edit(penguins, ",181,3750,male,2007", ",wide,3750,male,2007.5")
    assert fails(penguins) == (
        "dataset 'penguins': data/penguins.csv does not fit the declared types\n"
        "  column 'flipper_length_mm' is not float: 'wide' in row 1\n"
        "  column 'year' is not integer: '2007.5' in row 1\n"
        "  help: correct the values, or change the types of these columns\n"
    )


def test_ingest_suggests_the_column_that_was_meant(penguins: Any) -> None:
    """A renamed column is found by its likeness."""
    edit(penguins, "flipper_length_mm", "flipper_len_mm")
    assert fails(penguins) == (
        "dataset 'penguins': data/penguins.csv has no column 'flipper_length_mm'\n"
        "  help: did you mean 'flipper_len_mm'?\n"
    )


def test_ingest_points_at_the_file_with_another_ending(penguins: Any) -> None:
    """A missing file is named in full, with what lies beside it."""
    source(penguins).rename(source(penguins).with_suffix(".parquet"))
    assert fails(penguins) == (
        "dataset 'penguins': <project>/data/penguins.csv does not exist\n"
        "  help: there is <project>/data/penguins.parquet\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty\n  help: it needs a header line and rows\n"),
        (b"PK\x03\x04 and so on", "is not a csv file: its content is zip\n  help: convert it to csv first\n"),
        (b"\x00\x01\x02", "is not a csv file: its content is binary\n  help: convert it to csv first\n"),
        (
            b'[{"sex": "male"}]',
            "is not a csv file: its content is json\n  help: set 'kind: json' on its source\n",
        ),
    ],
)
def test_ingest_looks_inside_before_trusting_the_ending(penguins: Any, content: bytes, message: str) -> None:
    """A file that is not what its ending says is named as what it is."""
    source(penguins).write_bytes(content)
    assert fails(penguins) == f"dataset 'penguins': <project>/data/penguins.csv {message}"


def test_ingest_refuses_a_header_without_rows(penguins: Any) -> None:
    """A header alone is not a dataset."""
    source(penguins).write_text(source(penguins).read_text().splitlines()[0] + "\n")
    assert fails(penguins) == "dataset 'penguins': data/penguins.csv has no rows\n  help: it has a header only\n"


def test_ingest_reads_a_compressed_file(penguins: Any) -> None:
    """A .csv.gz is a CSV."""
    packed = source(penguins).with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(source(penguins).read_bytes()))
    penguins.config["datasets"]["penguins"]["source"]["path"] = "data/penguins.csv.gz"
    penguins.write()
    assert "penguins: 344 rows" in penguins.step("ingest").stdout


def test_ingest_reads_the_same_rows_from_json_and_parquet(penguins: Any) -> None:
    """The format of the source does not change what comes out."""
    penguins.step("ingest")
    expected = penguins.rows("SELECT * FROM 'ingest/penguins.parquet'")
    for kind, option in (("json", "ARRAY true"), ("parquet", "FORMAT parquet")):
        path = penguins.folder / "data" / f"penguins.{kind}"
        with duckdb.connect() as database:
            read = f"read_csv('{source(penguins)}', nullstr = ['NA'])"
            database.execute(f"COPY (SELECT * FROM {read}) TO '{path}' ({option})")
        penguins.config["datasets"]["penguins"]["source"] = {"kind": kind, "path": f"data/penguins.{kind}"}
        penguins.write()
        penguins.step("ingest")
        assert penguins.rows("SELECT * FROM 'ingest/penguins.parquet'") == expected


def test_ingest_queries_a_database(penguins: Any) -> None:
    """A SQL source reads through SQLAlchemy; its address may come from the environment."""
    path = penguins.folder / "birds.db"
    lines = [line.split(",") for line in source(penguins).read_text().splitlines()[1:]]
    with closing(sqlite3.connect(path)) as store:
        names = list(penguins.config["datasets"]["penguins"]["columns"])
        store.execute(f"CREATE TABLE birds ({', '.join(names)})")
        values = [[None if value == "NA" else value for value in line] for line in lines]
        store.executemany(f"INSERT INTO birds VALUES ({', '.join('?' * len(names))})", values)
        store.commit()
    penguins.config["datasets"]["penguins"]["source"] = {
        "kind": "sql",
        "url": "${BIRDS}",
        "query": "select * from birds where species = 'Gentoo'",
    }
    penguins.write()
    unset = penguins.step("ingest", code=1).stderr
    assert "the environment variable BIRDS is not set" in unset
    done = penguins.run("species", "ingest", BIRDS=f"sqlite:///{path}")
    assert "penguins: 124 rows" in done.stdout
    assert penguins.rows("SELECT body_mass_g, year FROM 'ingest/penguins.parquet' LIMIT 1") == [(4500.0, 2007)]


def test_ingest_reads_dates_written_as_people_write_them(penguins: Any) -> None:
    """A column of month/day/year is read by one format for all of its rows, and the report says which."""
    lines = source(penguins).read_text().splitlines()
    dated = [lines[0] + ",seen", *(f"{line},11/{i % 28 + 1:02}/2007" for i, line in enumerate(lines[1:]))]
    source(penguins).write_text("\n".join(dated) + "\n")
    penguins.config["datasets"]["penguins"]["columns"]["seen"] = {"type": "date"}
    penguins.write()
    penguins.step("ingest")
    shown = penguins.rows("SELECT CAST(seen AS VARCHAR) FROM 'ingest/penguins.parquet' LIMIT 2")
    assert shown == [("2007-11-01",), ("2007-11-02",)]
    assert penguins.read("ingest/ingest.json")["datasets"]["penguins"]["date_formats"] == {"seen": "%m/%d/%Y"}


def test_ingest_reads_several_files_as_one(penguins: Any) -> None:
    """A pattern reads every file that matches, in the order of their names."""
    text = source(penguins).read_text().splitlines()
    parts = penguins.folder / "data" / "parts"
    parts.mkdir()
    (parts / "a.csv").write_text("\n".join(text[:101]) + "\n")
    (parts / "b.csv").write_text("\n".join([text[0], *text[101:]]) + "\n")
    shutil.move(source(penguins), parts.parent / "whole.csv")
    penguins.config["datasets"]["penguins"]["source"]["path"] = "data/parts/*.csv"
    penguins.write()
    assert "penguins: 344 rows" in penguins.step("ingest").stdout
