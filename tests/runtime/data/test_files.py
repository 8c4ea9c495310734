"""Folders, partitions and several files: what is read, in which order, and what is said of the one that is wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROWS = 344


@pytest.fixture
def penguins_in(penguins: Any) -> Any:
    """A function that reads the penguins from another path, and of another kind."""

    def change(path: str, kind: str = "csv", **columns: Any) -> Any:
        penguins.config["datasets"]["penguins"]["source"] = {"kind": kind, "path": path}
        penguins.config["datasets"]["penguins"]["columns"].update(columns)
        penguins.write()
        return penguins

    return change


def csv_lines(project: Any) -> list[str]:
    """The lines of the penguins, the header first."""
    return str((project.folder / "data" / "penguins.csv").read_text()).splitlines()


def write(project: Any, path: str, lines: list[str]) -> Path:
    """A file of the project."""
    file = Path(project.folder / path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def parquet(project: Any, path: str, query: str) -> Path:
    """A Parquet file of the project, from a query over the penguins."""
    file = Path(project.folder / path)
    file.parent.mkdir(parents=True, exist_ok=True)
    penguins = f"read_csv('{project.folder}/data/penguins.csv', nullstr = 'NA')"
    duckdb.sql(f"COPY ({query.format(penguins=penguins)}) TO '{file}' (FORMAT parquet)")
    return file


def fails(project: Any) -> str:
    """The message of an ingest that fails, without what is always said; nothing of its output is left."""
    message = project.step("ingest", code=1).stderr
    assert not (project.work / "ingest" / "ingest.json").exists()
    assert list((project.folder / ".mlops").glob("tmp/*")) == []
    prefix = "error[species ingest]: dataset 'penguins': "
    assert message.startswith(prefix)
    return str(message).removeprefix(prefix).replace(str(project.folder), "<project>")


def species(project: Any) -> list[Any]:
    """How many penguins of each species were read, in the order in which they were first met."""
    query = "SELECT species, count(*) FROM (SELECT species, row_number() OVER () AS n FROM 'ingest/penguins.parquet')"
    return list(project.rows(f"{query} GROUP BY species ORDER BY min(n)"))


def test_folder_is_read_in_the_order_of_its_names(penguins: Any, penguins_in: Any) -> None:
    """Files of the kind count, markers, hidden files and others do not."""
    header, *rows = csv_lines(penguins)
    for name, part in (("b", rows[:200]), ("a", rows[200:])):
        write(penguins, f"data/parts/{name}.csv", [header, *part])
    for name in ("_SUCCESS", ".a.csv.crc", "readme.md", "_temporary/c.csv"):
        write(penguins, f"data/parts/{name}", ["nothing of ours"])
    penguins_in("data/parts").step("ingest")
    assert species(penguins) == [("Gentoo", 124), ("Chinstrap", 68), ("Adelie", 152)]


def test_files_may_order_their_columns_differently(penguins: Any, penguins_in: Any) -> None:
    """Columns are matched by their names, delimiters are those of each file."""
    parquet(penguins, "x.parquet", "SELECT * FROM {penguins}")
    table = f"'{penguins.folder}/x.parquet'"
    (penguins.folder / "data" / "parts").mkdir()
    for name, columns, delimiter in (("a", "*", ","), ("b", "year, sex, * EXCLUDE (year, sex)", ";")):
        where = "species = 'Adelie'" if name == "a" else "species <> 'Adelie'"
        options = f"HEADER, DELIMITER '{delimiter}', NULLSTR 'NA'"
        target = f"{penguins.folder}/data/parts/{name}.csv"
        duckdb.sql(f"COPY (SELECT {columns} FROM {table} WHERE {where}) TO '{target}' ({options})")
    penguins_in("data/parts/*.csv").step("ingest")
    assert species(penguins) == [("Adelie", 152), ("Gentoo", 124), ("Chinstrap", 68)]
    assert penguins.rows("SELECT sum(year), count(sex) FROM 'ingest/penguins.parquet'") == [(690762, 333)]


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_partitions_are_columns_where_they_are_declared(penguins: Any, penguins_in: Any, kind: str) -> None:
    """``name=value`` folders give text, which the declared type reads."""
    parquet(penguins, "x.parquet", "SELECT * FROM {penguins}")
    kinds = {"csv": "FORMAT csv, HEADER, NULLSTR 'NA'", "parquet": "FORMAT parquet", "json": "FORMAT json"}
    duckdb.sql(
        f"COPY (FROM '{penguins.folder}/x.parquet') TO '{penguins.folder}/data/parts' "
        f"({kinds[kind]}, PARTITION_BY (year, island))"
    )
    penguins_in("data/parts" if kind == "csv" else f"data/parts/**/*.{kind}", kind).step("ingest")
    counted = penguins.rows("SELECT year, island, count(*) FROM 'ingest/penguins.parquet' GROUP BY ALL ORDER BY ALL")
    assert counted[:3] == [(2007, "Biscoe", 44), (2007, "Dream", 46), (2007, "Torgersen", 20)]
    assert len(counted) == 9


def test_json_lines_keep_what_a_later_line_has_in_another_type(penguins: Any, penguins_in: Any) -> None:
    """A number that becomes a word after thousands of lines is named with its row, not a failure of the reader."""
    lines = [
        json.dumps({"species": "Adelie", "island": "Biscoe", "year": 2007, "body_mass_g": n}) for n in range(30000)
    ]
    lines[25_000] = lines[25_000].replace("25000", '"heavy"')
    write(penguins, "data/p.jsonl", lines)
    for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "sex"):
        del penguins.config["datasets"]["penguins"]["columns"][name]
    assert fails(penguins_in("data/p.jsonl", "json")) == (
        "data/p.jsonl does not fit the declared types\n  column 'body_mass_g' is not float: 'heavy' in row 25,001\n"
        "  help: correct the values, or change the types of these columns\n"
    )


def test_json_column_that_starts_late_is_found(penguins: Any, penguins_in: Any) -> None:
    """A column is missing only where no line has it, however far the reader looks to guess types."""
    lines = [json.dumps({"species": "Adelie", "island": "Biscoe"}) for _ in range(30_000)]
    lines.append(json.dumps({"species": "Gentoo", "island": "Dream", "year": 2009}))
    write(penguins, "data/p.jsonl", lines)
    columns = penguins.config["datasets"]["penguins"]["columns"]
    penguins.config["datasets"]["penguins"]["columns"] = {name: columns[name] for name in ("species", "island", "year")}
    penguins_in("data/p.jsonl", "json").step("ingest")
    assert penguins.rows("SELECT count(*), count(year), max(year) FROM 'ingest/penguins.parquet'") == [
        (30_001, 1, 2009)
    ]
    penguins.config["datasets"]["penguins"]["columns"]["sex"] = columns["sex"]
    penguins.write()
    message = penguins.step("ingest", code=1).stderr
    assert "data/p.jsonl has no column 'sex'\n  help: it has: species, island, year\n" in message


def test_variable_of_the_surroundings_is_a_part_of_the_path(penguins_in: Any) -> None:
    """``${NAME}`` is replaced, also by a folder outside of the project; unset, it is a message."""
    project = penguins_in("${PENGUINS}/*.csv")
    assert fails(project) == "the environment variable PENGUINS is not set\n  help: export PENGUINS=…\n"
    done = project.run("species", "ingest", PENGUINS=str(project.folder / "data"))
    assert "344 rows" in done.stdout


MORE = "more values, and the header has {}\n  help: correct that line; a value with the delimiter in it needs quotes\n"

BAD: list[Any] = [
    pytest.param(
        lambda rows: [*rows[:100], rows[100] + ",extra", *rows[101:]],
        f", line 101: {MORE.format(8)}",
        id="a value too many",
    ),
    pytest.param(
        lambda rows: [rows[0], rows[1].rpartition(",")[0], *rows[2:]],
        f", line 2: {MORE.format(8).replace('more', 'only 7')}",
        id="a value too few, in the first row",
    ),
    pytest.param(
        lambda rows: [*rows[:40], '"' + rows[40], *rows[41:]],
        ", line 41: a quote is opened and never closed\n  help: close it, or double it\n",
        id="an open quote",
    ),
    pytest.param(
        lambda rows: ["Palmer penguins", *rows],
        f", line 2: {MORE.format(1)}",
        id="a title above the header",
    ),
    pytest.param(
        lambda rows: [rows[0].replace("sex", "year"), *rows[1:]],
        ", line 1: column 'year' stands twice\n  help: name every column once\n",
        id="a name twice",
    ),
]


@pytest.mark.parametrize(("spoil", "expected"), BAD)
def test_csv_line_that_does_not_fit_is_named(penguins: Any, spoil: Any, expected: str) -> None:
    """The file, the line, what is wrong with it, what to do."""
    file = write(penguins, "data/penguins.csv", spoil(csv_lines(penguins)))
    assert fails(penguins) == f"{file}{expected}".replace(str(penguins.folder), "<project>")


def test_csv_of_mixed_encodings_names_the_line(penguins: Any) -> None:
    """One line that was written in another encoding than the rest."""
    lines = [line.encode() for line in csv_lines(penguins)]
    lines[1] = lines[1].replace(b"Torgersen", "Torgersén".encode())
    lines[250] = lines[250].replace(b"Biscoe", "Biscoé".encode("latin-1"))
    (penguins.folder / "data" / "penguins.csv").write_bytes(b"\n".join(lines) + b"\n")
    assert fails(penguins) == (
        "<project>/data/penguins.csv, line 251 is not UTF-8: byte 0xe9 at position 13\n"
        "  help: save the whole file as UTF-8\n"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            b'{"species": "Adelie", ',
            "not a JSON object: Expecting property name enclosed in double quotes: line 2 column 1",
        ),
        (b'{"species": "Adeli\xe9"}', "not UTF-8: byte 0xe9 at position 19"),
        (b"[1, 2]", "a list and not a JSON object"),
    ],
)
def test_json_line_that_does_not_fit_is_named(penguins: Any, penguins_in: Any, line: bytes, expected: str) -> None:
    """The line is counted in the file, also far behind its beginning."""
    good = b'{"species": "Adelie", "island": "Biscoe", "year": 2007}\n'
    (penguins.folder / "data" / "p.jsonl").write_bytes(good * 30_000 + line + b"\n" + good)
    assert fails(penguins_in("data/p.jsonl", "json")).startswith(f"<project>/data/p.jsonl, line 30,001: {expected}")


def test_truncated_files_are_cut_off(penguins: Any, penguins_in: Any) -> None:
    """A Parquet file without its end, and a packed CSV without its own."""
    whole = parquet(penguins, "data/p.parquet", "SELECT * FROM {penguins}")
    whole.write_bytes(whole.read_bytes()[:-100])
    assert fails(penguins_in("data/p.parquet", "parquet")) == (
        "<project>/data/p.parquet is cut off: the end of a Parquet file is missing\n  help: write or copy it again\n"
    )
    packed = penguins.folder / "data" / "p.csv.gz"
    packed.write_bytes(gzip.compress("\n".join(csv_lines(penguins) * 50).encode())[:-3000])
    assert fails(penguins_in("data/p.csv.gz")).startswith("<project>/data/p.csv.gz cannot be unpacked: ")


def test_parquet_that_is_damaged_inside_is_a_message(penguins: Any, penguins_in: Any) -> None:
    """Both ends are right and the pages between them are not."""
    file = parquet(penguins, "data/p.parquet", "SELECT * FROM {penguins}, range(200)")
    content = bytearray(file.read_bytes())
    content[40:2000] = bytes(1960)
    file.write_bytes(content)
    assert "is damaged: " in fails(penguins_in("data/p.parquet", "parquet"))


def test_type_that_changes_between_files_is_named(penguins: Any, penguins_in: Any) -> None:
    """A number in one file and a text in the next; whole numbers and fractions are both numbers."""
    parquet(penguins, "data/parts/a.parquet", "SELECT * FROM {penguins}")
    parquet(penguins, "data/parts/b.parquet", "SELECT * REPLACE (body_mass_g * 1.5 AS body_mass_g) FROM {penguins}")
    penguins_in("data/parts", "parquet").step("ingest")
    assert penguins.rows("SELECT sum(body_mass_g) FROM 'ingest/penguins.parquet'") == [(3592500.0,)]
    parquet(penguins, "data/parts/c.parquet", "SELECT * REPLACE ('heavy' AS body_mass_g) FROM {penguins}")
    message = penguins.step("ingest", code=1).stderr
    assert message == (
        "error[species ingest]: dataset 'penguins': data/parts/c.parquet: column 'body_mass_g' is VARCHAR, and BIGINT "
        "in data/parts/a.parquet\n  help: write every file of a dataset with the same types\n"
    )
    assert penguins.rows("SELECT count(*) FROM 'ingest/penguins.parquet'") == [(2 * ROWS,)]  # what was there is whole


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file_without_a_column_of_the_others_is_named(penguins: Any, penguins_in: Any, kind: str) -> None:
    """Rows of a file that lacks a column would silently lack its values."""
    for name, columns in (("a", "*"), ("b", "* EXCLUDE (sex)")):
        file = parquet(penguins, f"data/parts/{name}.parquet", f"SELECT {columns} FROM {{penguins}}")
        if kind == "csv":
            duckdb.sql(f"COPY (FROM '{file}') TO '{file.with_suffix('.csv')}' (HEADER, NULLSTR 'NA')")
    assert fails(penguins_in(f"data/parts/*.{kind}", kind)) == (
        f"data/parts/b.{kind} has no column 'sex', which data/parts/a.{kind} has\n"
        "  help: every file of a dataset needs the same columns\n"
    )


def test_bad_value_of_several_files_is_named_with_its_file(penguins: Any, penguins_in: Any) -> None:
    """Rows are counted within their file."""
    lines = csv_lines(penguins)
    write(penguins, "data/parts/a.csv", lines)
    lines[3] = lines[3].replace("2007", "soon")
    write(penguins, "data/parts/b.csv", lines)
    assert "column 'year' is not integer: 'soon' in row 3 of b.csv\n" in fails(penguins_in("data/parts"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/none", "<project>/data/none does not exist\n  help: put it there, or change 'path' of its source\n"),
        ("data/*.txt", "no file matches data/*.txt\n  help: looked below <project>\n"),
        (
            "mlops",
            (
                "the folder mlops holds no csv file\n"
                "  help: their names end with .csv, .tsv, .txt, .csv.gz, .tsv.gz; or name them: mlops/*\n"
            ),
        ),
        ("data/empty.csv", "<project>/data/empty.csv is empty\n  help: it needs a header line and rows\n"),
    ],
)
def test_nothing_to_read_is_a_message(penguins: Any, penguins_in: Any, path: str, expected: str) -> None:
    """A path that is not there, a glob and a folder that hold nothing, and a file that does."""
    write(penguins, "data/empty.csv", [""])
    assert fails(penguins_in(path)) == expected
