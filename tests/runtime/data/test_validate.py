"""The data contract: what holds, what blocks, what only warns, and where the bad rows go."""

from __future__ import annotations

from typing import Any


def columns(project: Any) -> dict[str, Any]:
    """The columns of the penguins' contract."""
    found: dict[str, Any] = project.config["datasets"]["penguins"]["columns"]
    return found


def test_validate_lists_every_rule_with_its_verdict(penguins: Any) -> None:
    """The report has one entry per declared rule, held or not."""
    penguins.config["datasets"]["penguins"]["checks"] = [{"kind": "row_count", "min": 300}]
    penguins.write()
    done = penguins.step("ingest", "validate")
    assert "9 of 9 rules hold" in done.stdout
    rules = penguins.read("validate/validation.json")["rules"]
    assert [(rule["column"], rule["name"], rule["verdict"]) for rule in rules] == [
        ("species", "is never null", "pass"),
        ("species", "is one of Adelie, Chinstrap, Gentoo", "pass"),
        ("island", "is never null", "pass"),
        ("bill_length_mm", "is at least 0", "pass"),
        ("bill_depth_mm", "is at least 0", "pass"),
        ("flipper_length_mm", "is at least 0", "pass"),
        ("body_mass_g", "is at least 0", "pass"),
        ("year", "is never null", "pass"),
        (None, "row count", "pass"),
    ]
    assert not (penguins.work / "validate" / "bad_rows.parquet").exists()


def test_validate_blocks_with_a_table_and_puts_bad_rows_aside(penguins: Any) -> None:
    """Every broken rule is in the table, every bad row in the file with its rule."""
    columns(penguins)["species"]["allowed"] = ["Adelie", "Gentoo"]
    columns(penguins)["sex"]["nullable"] = False
    columns(penguins)["body_mass_g"]["max"] = 6000
    columns(penguins)["island"]["pattern"] = "[A-Z][a-z]+"
    columns(penguins)["year"] |= {"unique": False, "max_distinct": 2}
    penguins.write()
    done = penguins.step("ingest", "validate", code=1)
    assert done.stderr.splitlines()[:12] == [
        "error[species validate]: the data breaks 4 rules of its contract",
        "penguins: 344 rows, 12 rules",
        "  ✗ species            is one of Adelie, Gentoo  68 bad rows, for example 'Chinstrap'",
        "  ✗ body_mass_g        is at most 6000           2 bad rows, for example '6300.0', '6050.0'",
        "  ✗ sex                is never null             11 bad rows",
        "  ✗ year               has at most 2 values      it has 3",
        "  ✓ species            is never null",
        "  ✓ island             is never null, matches [A-Z][a-z]+",
        "  ✓ bill_length_mm     is at least 0",
        "  ✓ bill_depth_mm      is at least 0",
        "  ✓ flipper_length_mm  is at least 0",
        "  ✓ body_mass_g        is at least 0",
    ]
    aside = penguins.rows(
        "SELECT dataset, \"column\", row, record ->> 'body_mass_g' FROM 'validate/bad_rows.parquet' "
        "WHERE rule = 'is at most 6000' ORDER BY row"
    )
    assert aside == [("penguins", "body_mass_g", 170, "6300.0"), ("penguins", "body_mass_g", 186, "6050.0")]


def test_validate_keeps_personal_values_out_of_the_copy(penguins: Any) -> None:
    """A column marked as personal is neither in the bad rows nor in the message."""
    columns(penguins)["island"] |= {"allowed": ["Biscoe", "Dream"], "pii": True}
    penguins.write()
    done = penguins.step("ingest", "validate", code=1)
    assert "  ✗ island             is one of Biscoe, Dream  52 bad rows\n" in done.stderr
    assert "Torgersen" not in done.stderr
    records = penguins.rows("SELECT record FROM 'validate/bad_rows.parquet'")
    assert len(records) == 52
    assert not any("Torgersen" in str(record) for (record,) in records)


def test_validate_warns_without_blocking(penguins: Any) -> None:
    """A check of severity warn is shown, and the step goes on."""
    penguins.config["datasets"]["penguins"]["checks"] = [
        {
            "kind": "sql",
            "name": "heavy birds",
            "violations": "select * from penguins where body_mass_g > 6000",
            "severity": "warn",
        }
    ]
    penguins.write()
    done = penguins.step("ingest", "validate")
    assert "  ! (table)            heavy birds  2 bad rows\n" in done.stdout
    assert penguins.rows("SELECT row, rule, severity FROM 'validate/bad_rows.parquet' ORDER BY row") == [
        (170, "heavy birds", "warn"),
        (186, "heavy birds", "warn"),
    ]
    assert "8 of 9 rules hold, 1 warned" in done.stdout


def test_validate_checks_whole_tables(diabetes: Any) -> None:
    """Counts, missing shares and keys are checked where the rows lie."""
    path = diabetes.folder / "data" / "diabetes.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")
    dataset = diabetes.config["datasets"]["patients"]
    dataset["columns"]["patient"].pop("unique")
    dataset["checks"] = [
        {"kind": "row_count", "min": 500, "max": 900},
        {"kind": "null_fraction", "column": "bmi", "max": 0.1},
        {"kind": "duplicate_keys"},
    ]
    diabetes.write()
    done = diabetes.step("ingest", "validate", code=1)
    assert "✗ (table)  row count       443 rows, expected at least 500 and at most 900\n" in done.stderr
    assert "✗ (table)  duplicate keys  2 bad rows\n" in done.stderr
    rows = diabetes.rows("SELECT row FROM 'validate/bad_rows.parquet' ORDER BY row")
    assert rows == [(1,), (443,)]


def test_validate_explains_sql_that_cannot_run(penguins: Any) -> None:
    """A check with wrong SQL is named with the reason."""
    penguins.config["datasets"]["penguins"]["checks"] = [
        {"kind": "sql", "name": "odd", "violations": "select wings from penguins"}
    ]
    penguins.write()
    done = penguins.step("ingest", "validate", code=1)
    assert done.stderr.startswith("error[species validate]: dataset 'penguins': check 'odd' cannot run: Binder Error")


def test_validate_names_the_values_that_another_dataset_does_not_have(penguins: Any) -> None:
    """A reference reads the other dataset along; a rule under ``warn`` reports and does not block."""
    (penguins.folder / "data" / "islands.csv").write_text("name\nBiscoe\nDream\n")
    columns(penguins)["island"] |= {"references": {"dataset": "islands", "column": "name"}, "warn": ["references"]}
    penguins.config["datasets"]["islands"] = {
        "source": {"kind": "csv", "path": "data/islands.csv"},
        "key": [],
        "time": None,
        "columns": {"name": {"type": "string", "unique": True}},
    }
    penguins.write()
    done = penguins.step("ingest", "validate")
    assert "  ! island             is in islands.name  52 bad rows, for example 'Torgersen'\n" in done.stdout
    assert "10 of 11 rules hold, 1 warned" in done.stdout


def test_validate_compares_with_the_last_accepted_run(penguins: Any) -> None:
    """The first run has nothing to compare with; the same rows again get the same verdict; a refused run is no base."""
    penguins.config["datasets"]["penguins"]["checks"] = [
        {"kind": "row_count", "max_change": 0.1},
        {"kind": "distribution", "column": "species", "max": 0.2},
        {"kind": "distribution", "column": "body_mass_g"},
    ]
    penguins.write()
    assert "11 of 11 rules hold" in penguins.step("ingest", "validate").stdout
    path = penguins.folder / "data" / "penguins.csv"
    whole = path.read_text()
    path.write_text("".join(line for line in whole.splitlines(keepends=True) if not line.startswith("Chinstrap")))
    for _ in range(2):
        said = penguins.step("ingest", "validate", code=1).stderr
        assert "row count     276 rows, expected within 10% of the 344 of the last accepted run\n" in said
        assert "✗ species            distribution  PSI 1.543, allowed 0.2\n" in said
    path.write_text(whole + whole.splitlines()[1] + "\n")
    for _ in range(2):
        penguins.step("ingest", "validate")
        rules = penguins.read("validate/validation.json")["rules"]
        assert [rule["value"] for rule in rules if rule["kind"] == "row_count"] == [345]
        assert all(0 < rule["value"] < 0.001 for rule in rules if rule["kind"] == "distribution")


def test_validate_puts_personal_columns_aside_only_where_the_contract_names_them(penguins: Any) -> None:
    """A personal column that the spec names is in the file of bad rows, and still in no message."""
    columns(penguins)["island"] |= {"allowed": ["Biscoe", "Dream"], "pii": True}
    penguins.config["datasets"]["penguins"]["shown_in_bad_rows"] = ["island"]
    penguins.write()
    done = penguins.step("ingest", "validate", code=1)
    assert "Torgersen" not in done.stderr + done.stdout
    assert "Torgersen" not in (penguins.work / "validate" / "validation.json").read_text()
    shown = "SELECT DISTINCT record ->> 'island' FROM 'validate/bad_rows.parquet'"
    assert penguins.rows(shown) == [("Torgersen",)]


def test_validate_says_which_package_its_backend_needs(penguins: Any) -> None:
    """Without the package that checks the contract there is a message with what to install."""
    penguins.config["data_quality"] = "great-expectations"
    penguins.write()
    done = penguins.step("ingest", "validate", code=1)
    assert done.stderr.splitlines()[0] == (
        "error[species validate]: data_quality is 'great-expectations', "
        "and the package 'great_expectations' is not installed"
    )
