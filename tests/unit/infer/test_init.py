"""``mlopsc init --from``: what it finds in a file, and what it says about it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from mlopsc.cli.check import command as check
from mlopsc.cli.init import command
from mlopsc.diagnostics import UsageError
from mlopsc.infer.names import column_names
from mlopsc.infer.start import start

EXAMPLES = Path(__file__).parents[3] / "examples"


def init(folder: Path, *arguments: str) -> Result:
    """Run the command as the command line does, errors raised."""
    return CliRunner().invoke(command, [str(folder), *arguments], catch_exceptions=False)


def columns_of(spec: Path) -> dict[str, str]:
    """The declared columns of a written spec, with the rest of their line up to the comment."""
    lines = (spec / "mlops.yaml").read_text().split("columns:\n")[1].split("    checks:")[0].splitlines()
    found = {}
    for line in lines:
        if not line.strip().startswith("#"):
            name, _, contract = line.split("  #")[0].strip().partition(": ")
            found[name] = contract.strip()
    return found


def test_names_keep_what_is_good_and_make_what_is_not() -> None:
    """Every header becomes a name of its own that SQL and Python accept."""
    headers = [
        "PassengerId",
        "Größe (cm)",
        "",
        "Fare",
        "fare",
        "2019",
        "order",
        "class",
        "% paid",
        "日本",
        "a b",
    ]
    assert column_names(headers) == [
        "PassengerId",
        "Grosse_cm".lower(),
        "column_3",
        "Fare",
        "fare_2",
        "col_2019",
        "order_value",
        "class_value",
        "pct_paid",
        "column_10",
        "a_b",
    ]


@pytest.mark.parametrize(
    ("cells", "contract"),
    [
        (["1", "-2", "+30"], "integer"),
        (["1", "", "30"], "integer?"),
        (["1.5", ".5", "2e3"], "float"),
        (["007", "010", "100"], "string"),
        (["1", "?", "30"], "integer?"),
        (["true", "FALSE", "True"], "boolean"),
        (["2024-01-31", "2024-02-01", "2024-03-01"], "date"),
        (["2024-01-31 10:00", "2024-02-01T00:00:00Z", "2024-03-01 01:02:03.5"], "timestamp"),
        (["31.01.2024", "01.02.2024", "01.03.2024"], "date"),
        (["1/31/2024", "2/1/2024", "3/1/2024"], "date"),
        (["31/1/2024 9:30", "2/1/2024 10:00", "3/1/2024 23:59"], "timestamp"),
        (['"Jan 31, 2024"', '"Feb 01, 2024"', '"Mar 01, 2024"'], "date"),
        (['"$1,234.50"', "$12.00", "$7"], "float"),
        (["12%", "7.5%", "100%"], "float"),
        (['"1,234"', '"12,345,678"', '"7"'], "float"),
        (["NA", "2", "3"], "integer?"),
        (["a", "b", "?"], "string"),
        (["2013-02-30", "2013-01-01", "2013-01-02"], "string"),
    ],
)
def test_init_types_a_column_by_all_of_its_cells(tmp_path: Path, cells: list[str], contract: str) -> None:
    """The first type that every cell has, from the strictest to text."""
    filler = [f"{i},{cell},{i % 5},{'yes' if i % 2 else 'no'}" for i, cell in enumerate(cells * 4)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,value,size,label", *filler]) + "\n")
    init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    declared = columns_of(tmp_path)["value"]
    assert declared == contract


MESSY = """\
;Name;Größe (cm);Wann;Preis;Preis;Ok?;PLZ;
0;Ann;1,75;03/04/2013 10:00;1.234,50;3;true;01234;
1;Bob;;14/04/2013 11:30;2,00;4;false;01235;
2;Cid;1,80;25/04/2013 12:00;3,10;?;true;99999;
3;Dan;1,80;25/04/2013 12:00;3,10;5;true;99999;
4;Eve;1,80;26/04/2013 12:00;4,10;5;true;99999;
"""


def test_init_cleans_what_the_generated_code_could_not_read(tmp_path: Path) -> None:
    """Latin-1, semicolons, decimal commas, an index, doubled and empty headers, days before months."""
    (tmp_path / "Messy Table.csv").write_bytes(MESSY.encode("latin-1"))
    result = init(tmp_path / "project", "--from", str(tmp_path / "Messy Table.csv"), "--label", "Ok?")
    spec = (tmp_path / "project" / "mlops.yaml").read_text()
    assert result.output.splitlines()[0] == f"cleaned {tmp_path / 'Messy Table.csv'} to data/messy_table.parquet"
    assert spec.splitlines()[3] == (
        "# data/messy_table.parquet is a cleaned copy, because of the original: its encoding is cp1252, not UTF-8; "
        "5 of its headers cannot stand in SQL; decimal commas (grosse_cm, Preis); dates as %d/%m/%Y %H:%M (Wann); "
        "other words for a missing value (Preis_2)."
    )
    written = str(tmp_path / "project" / "data" / "messy_table.parquet")
    rows = duckdb.connect().execute("FROM read_parquet(?) LIMIT 2", [written]).fetchall()
    assert [[str(cell) for cell in row] for row in rows] == [
        ["0", "Ann", "1.75", "2013-04-03 10:00:00", "1234.5", "3", "True", "01234"],
        ["1", "Bob", "None", "2013-04-14 11:30:00", "2.0", "4", "False", "01235"],
    ]
    assert columns_of(tmp_path / "project") == {
        "row_number": "{type: integer, unique: true}",
        "grosse_cm": "float?",
        "Wann": "timestamp",
        "Preis": "float",
        "Preis_2": "integer?",
        "ok": "boolean",
    }
    assert "      # column_9: no usable value" in spec
    assert "    key: row_number " in spec
    assert "    time: Wann " in spec


def test_init_reads_a_file_without_a_header(tmp_path: Path) -> None:
    """Where the first line is a row like the others, the columns are numbered."""
    file = tmp_path / "iris.data.csv"
    file.write_text("5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n5.8,2.7,virginica\n" * 10)
    init(tmp_path, "--from", str(file))
    assert columns_of(tmp_path) == {
        "column_1": "float",
        "column_2": "float",
        "column_3": "{type: string, allowed: [setosa, virginica]}",
    }
    assert "label: {sql: \"column_3 = 'virginica'\"}" in (tmp_path / "mlops.yaml").read_text()


def test_init_writes_a_whole_spec_for_the_penguins(tmp_path: Path) -> None:
    """Every decision stands in the file with its reason."""
    result = init(tmp_path, "--from", str(EXAMPLES / "penguins" / "data" / "penguins.csv"))
    text = (tmp_path / "mlops.yaml").read_text()
    assert (tmp_path / "data" / "penguins.csv").read_bytes() == (
        EXAMPLES / "penguins" / "data" / "penguins.csv"
    ).read_bytes()
    assert [line.split("  #")[0].rstrip() for line in text.splitlines() if not line.strip().startswith("#")] == [
        "version: 1",
        "",
        "project:",
        "  name: penguins",
        "",
        "data:",
        "  penguins:",
        "    source: data/penguins.csv",
        "    columns:",
        "      species: {type: string, allowed: [Adelie, Chinstrap, Gentoo]}",
        "      island: {type: string, allowed: [Biscoe, Dream, Torgersen]}",
        "      bill_length_mm: {type: float, nullable: true, min: 0}",
        "      bill_depth_mm: {type: float, nullable: true, min: 0}",
        "      flipper_length_mm: {type: integer, nullable: true, min: 0}",
        "      body_mass_g: {type: integer, nullable: true, min: 0}",
        "      sex: {type: string, nullable: true, allowed: [female, male]}",
        "      year: integer",
        "    checks:",
        "      - {kind: row_count, min: 172}",
        "",
        "models:",
        "  species:",
        "    task: multiclass-classification",
        "    label: species",
        "    split: {by: random, stratify: true, validation: 15%, test: 15%}",
        "    train:",
        "      estimator: sklearn.ensemble.RandomForestClassifier",
        "      seed: 0",
        "    gates:",
        "      - {metric: accuracy, min: 0.44}",
    ]
    assert result.output.splitlines()[2] == (
        "predicts species (multiclass-classification) with sklearn.ensemble.RandomForestClassifier"
    )


def test_init_leaves_out_what_is_the_label_in_other_words(tmp_path: Path) -> None:
    """A column that decides the label, one that says nothing and a free text are no features."""
    rows = [f"{i},{'abc'[i % 3]},{i % 3},x,text number {i},{i * 7 % 5}" for i in range(90)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,class_name,target,same,note,value", *rows]) + "\n")
    init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    comments = [line.strip() for line in (tmp_path / "mlops.yaml").read_text().splitlines() if "left out" in line]
    assert [(line.split(":")[0], line.split("left out: ")[1]) for line in comments] == [
        ("# class_name", "each of its values goes with one 'target' only: known before it, really?"),
        ("# same", "the same in every row"),
        ("# note", "free text: 90 different values in 90 rows"),
    ]


def test_init_takes_a_parquet_file_as_it_is(tmp_path: Path) -> None:
    """Inside the project folder nothing is copied."""
    file = tmp_path / "rows" / "sales.parquet"
    file.parent.mkdir()
    query = "SELECT i AS id, i % 7 AS weekday, i * 1.5 AS amount, [i] AS nested FROM range(100) t(i)"
    duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    init(tmp_path, "--from", str(file))
    assert "source: rows/sales.parquet\n" in (tmp_path / "mlops.yaml").read_text()
    assert columns_of(tmp_path) == {"id": "{type: integer, unique: true}", "weekday": "integer", "amount": "float"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlops.yaml", "rows"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "{file} is empty\n  help: it needs a header line and rows"),
        ("a.csv", b"a,b\n", "{file} has no rows\n  help: it needs a header line and rows"),
        (
            "a.parquet",
            b"a,b\n1,2\n",
            "{file} is not parquet, as its ending says, but text\n  help: rename or convert it",
        ),
        (
            "a.csv",
            b"SQLite format 3",
            "{file} is not csv, as its ending says, but an SQLite database\n  help: rename or convert it",
        ),
        ("a.csv", None, "{file} does not exist\n  help: name a data file"),
    ],
)
def test_init_says_what_is_wrong_with_a_file(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    """A file that holds no table is named with what to do, and nothing is written."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        init(tmp_path / "project", "--from", str(file))
    assert str(caught.value) == message.format(file=file)
    assert not (tmp_path / "project" / "mlops.yaml").exists()


def test_init_names_the_columns_when_the_label_is_none_of_them(tmp_path: Path) -> None:
    """The label must be there, and must be something that can be predicted."""
    file = EXAMPLES / "diabetes" / "data" / "diabetes.csv"
    with pytest.raises(UsageError, match=r"^there is no column 'outcome' to predict\n  help: the columns are patient"):
        init(tmp_path, "--from", str(file), "--label", "outcome")
    with pytest.raises(UsageError, match=r"^'patient' cannot be predicted: it has 442 different values in 442 rows"):
        init(tmp_path, "--from", str(file), "--label", "patient")


def test_init_never_overwrites_a_spec(tmp_path: Path) -> None:
    """What is there stays, byte by byte."""
    (tmp_path / "mlops.yaml").write_text("mine")
    with pytest.raises(UsageError, match="is there already, and init never overwrites"):
        init(tmp_path, "--example", "penguins")
    assert (tmp_path / "mlops.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["penguins", "diabetes", "own-training", "flight-delays"])
def test_init_copies_an_example_and_nothing_that_was_made_in_it(tmp_path: Path, name: str) -> None:
    """The copy is the example as it is committed."""
    init(tmp_path, "--example", name)
    for file in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert file.read_bytes() == (EXAMPLES / name / file.relative_to(tmp_path)).read_bytes()
    assert not [p for p in tmp_path.rglob("*") if p.suffix in {".parquet", ".zip", ".pyc"} or p.name == "mlops"]
    assert json.dumps(sorted(p.name for p in tmp_path.iterdir())).count("mlops.yaml") == 1


def test_init_keeps_a_telling_column_when_there_is_no_other(tmp_path: Path) -> None:
    """A spec without a feature would be of no use; tab-separated files get their kind said."""
    rows = [f"{i}\t{i % 4}\t{'yes' if i % 4 > 1 else 'no'}" for i in range(60)]
    (tmp_path / "rows.tsv").write_text("\n".join(["id\tv\ttarget", *rows]) + "\n")
    init(tmp_path, "--from", str(tmp_path / "rows.tsv"))
    assert columns_of(tmp_path)["v"] == "integer"
    assert "    source: {kind: csv, path: rows.tsv}\n" in (tmp_path / "mlops.yaml").read_text()


def test_init_refuses_a_table_that_nothing_can_be_learned_from(tmp_path: Path) -> None:
    """A key and a free text are no features."""
    rows = [f"{i},text {i},{i * 1.5}" for i in range(30)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,note,y", *rows]) + "\n")
    with pytest.raises(UsageError, match=r"^nothing is left to predict 'y' from"):
        init(tmp_path, "--from", str(tmp_path / "rows.csv"))


def remark_of(spec: Path, name: str) -> str:
    """The comment behind a declared column."""
    lines = (spec / "mlops.yaml").read_text().splitlines()
    return next(line.partition("  # ")[2] for line in lines if line.strip().startswith(f"{name}:"))


def test_init_says_in_comments_what_it_saw(tmp_path: Path) -> None:
    """Figures, not guesses: how many values are unique, how many there are, from where to where, of what shape."""
    rows = [f"T{i:03},{'abc'[i % 3]},{i % 12 + 1},{i * 37 % 45 - 20},{i % 7},P{i % 30:02}X,{i % 2}" for i in range(90)]
    header = "ticket,size,month,balance,count,place,target"
    (tmp_path / "rows.csv").write_text("\n".join([header, *rows]) + "\n")
    init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    text = (tmp_path / "mlops.yaml").read_text()
    assert columns_of(tmp_path) == {
        "ticket": '{type: string, unique: true, pattern: "[A-Z][0-9]{3}"}',
        "size": "{type: string, allowed: [a, b, c]}",
        "month": "{type: integer, min: 1, max: 12}",
        "balance": "integer",
        "count": "{type: integer, min: 0}",
        "place": '{type: string, pattern: "[A-Z][0-9]{2}[A-Z]"}',
        "target": "integer",
    }
    assert {name: remark_of(tmp_path, name) for name in ("size", "month", "balance", "place")} == {
        "size": "3 values only",
        "month": "1 to 12",
        "balance": "-20 to 24",
        "place": "each of 30 values is 1 capital letter, 2 digits, 1 capital letter",
    }
    assert "# 90 of 90 values are unique: what a prediction is remembered by\n" in text
    assert "chosen because it is named like a label (target)" in text


def test_init_ranks_what_could_be_predicted(tmp_path: Path) -> None:
    """Other candidates stand below the label, the likeliest first, each with what speaks for it."""
    rows = [f"{i},{i * 7 % 11},{i * 3 % 17},{i * 5 % 13},{'yes' if i % 3 else 'no'},{i * 11 % 19}" for i in range(200)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,a,price,order_delay,churn,z", *rows]) + "\n")
    init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    text = (tmp_path / "mlops.yaml").read_text()
    assert text.split("the likeliest first:\n")[1].splitlines()[:3] == [
        "    #   price: regression, named like a label (price)",
        "    #   order_delay: regression, named like a label (delay)",
        "    #   z: regression, the last column that could be one",
    ]


PEOPLE = {
    "email": ("CANARY{0}@mailbox.org", "e-mail addresses, by its name"),
    "contact": ("canary{0}@mailbox.org", "e-mail addresses, by its values"),
    "mobile_no": ("+49 151 2345 {0:04}", "telephone numbers, by its name"),
    "reach_at": ("+49 151 2345 {0:04}", "telephone numbers, by its values"),
    "customer_name": ("Canary{0}", "names of persons, by its name"),
    "passenger": ("Canary{0} Owen", "names of persons, by its name and its values"),
    "date_of_birth": ("1990-01-{1:02}", "dates of birth, by its name"),
    "client_ip": ("10.1.2.{0}", "network addresses, by its name"),
}


def test_init_declares_columns_of_persons_and_shows_no_value_of_them(tmp_path: Path) -> None:
    """Told by name or by what the values look like; the spec and the terminal have the reason, never a value."""
    rows = [
        ",".join(text.format(i, i % 28 + 1) for text, _ in PEOPLE.values()) + f",{i % 5},{i % 2}" for i in range(200)
    ]
    text = "\n".join([",".join([*PEOPLE, "visits", "churn"]), *rows])
    (tmp_path / "rows.csv").write_text(text + "\n")
    result = init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    spec = (tmp_path / "mlops.yaml").read_text()
    for name, (_, why) in PEOPLE.items():
        kind = "date" if name == "date_of_birth" else "string"
        assert columns_of(tmp_path)[name] == f"{{type: {kind}, pii: true}}"
        assert f"personal: {why}; no feature, and in no report" in remark_of(tmp_path, name)
        assert f"warning: '{name}' looks personal ({why}): written as pii: true\n" in result.output
    for value in ("CANARY", "canary", "Canary", "1990", "10.1.2", "2345"):
        assert value not in spec + result.output
    assert checked(tmp_path) == 0


def test_init_takes_no_column_for_personal_that_only_sounds_so(tmp_path: Path) -> None:
    """A species has a name, a file has an address in memory, an e-mail campaign has a rate."""
    rows = [f"{i % 3} finch,{i * 64},{i % 90},{i % 4},{i % 2}" for i in range(100)]
    (tmp_path / "rows.csv").write_text("\n".join(["name,address,email_rate,sex,label", *rows]) + "\n")
    result = init(tmp_path, "--from", str(tmp_path / "rows.csv"))
    assert "pii" not in (tmp_path / "mlops.yaml").read_text() + result.output


def checked(folder: Path) -> int:
    """The exit code of ``check --strict`` on what was written."""
    return CliRunner().invoke(check, ["--strict", str(folder / "mlops.yaml")]).exit_code


@pytest.mark.slow
@pytest.mark.exhaustive
def test_init_reads_two_thousand_columns(tmp_path: Path) -> None:
    """Every column is asked about, a few at a time, and the spec passes the strict check."""
    header = ["id", *(f"f{i}" for i in range(1998)), "target"]
    cells = [[i, *((i * j) % 7 if j % 3 else "abc"[(i + j) % 3] for j in range(1998)), i % 2] for i in range(60)]
    text = "\n".join([",".join(header), *(",".join(str(cell) for cell in row) for row in cells)])
    (tmp_path / "wide.csv").write_text(text + "\n")
    init(tmp_path, "--from", str(tmp_path / "wide.csv"))
    declared = columns_of(tmp_path)
    assert (declared["f1"], declared["f3"]) == ("integer", "{type: string, allowed: [a, b, c]}")
    assert "60 rows, 2000 columns" in (tmp_path / "mlops.yaml").read_text().splitlines()[0]
    assert checked(tmp_path) == 0


def test_init_looks_at_a_sample_of_a_large_file_and_says_so(tmp_path: Path) -> None:
    """More cells than are taken into memory: rows by chance."""
    rows = "".join(f"{i},{i % 50},{'yes' if i % 3 else 'no'}\n" for i in range(20_000))
    (tmp_path / "large.csv").write_text("id,value,churn\n" + rows)
    begun = [start(tmp_path / "large.csv", tmp_path, None, most_cells=6_000) for _ in range(2)]
    assert begun[0].text == begun[1].text
    assert begun[0].text.splitlines()[0] == (
        "# Begun by `mlopsc init` from large.csv, 3 columns: it is large, and every figure below is"
    )
    assert 1_700 < begun[0].profile.rows < 2_300
    assert [column.type for column in begun[0].profile.columns] == ["integer", "integer", "string"]
    assert begun[0].profile.sampled


def test_init_cleans_all_rows_of_a_large_file(tmp_path: Path) -> None:
    """The copy has every row, not those of the sample."""
    rows = "".join(f"{i};{i % 50},5;{'yes' if i % 3 else 'no'}\n" for i in range(20_000))
    (tmp_path / "large.csv").write_text("id;value;churn\n" + rows)
    begun = start(tmp_path / "large.csv", tmp_path / "project", None, most_cells=6_000)
    written = str(tmp_path / "project" / begun.path)
    assert duckdb.connect().execute("SELECT count(*), sum(value) FROM read_parquet(?)", [written]).fetchone() == (
        20_000,
        500_000.0,
    )


def test_init_reads_packed_json_lines_and_leaves_out_what_is_nested(tmp_path: Path) -> None:
    """A list or a record in a cell is no column of a table; it is named, with what to do."""
    lines = [json.dumps({"id": i, "tags": ["a"], "at": {"x": i}, "size": i % 9, "y": i % 2}) for i in range(60)]
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt") as file:
        file.write("\n".join(lines))
    init(tmp_path, "--from", str(tmp_path / "rows.jsonl.gz"))
    text = (tmp_path / "mlops.yaml").read_text()
    assert "    source: {kind: json, path: rows.jsonl.gz}\n" in text
    assert "      # tags: a list in every cell: make columns of its parts\n" in text
    assert "      # at: a record in every cell: make columns of its parts\n" in text
    assert list(columns_of(tmp_path)) == ["id", "size", '"y"']
    assert checked(tmp_path) == 0
