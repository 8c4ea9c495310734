# mypy: disable-error-code="import-untyped"
"""``data profile``: its figures are those of the data, and it says nothing of persons."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats


def profiled(project: Any, *arguments: str) -> dict[str, Any]:
    """The profile as data."""
    found: dict[str, Any] = json.loads(project.run("data", "profile", "--format", "json", *arguments).stdout)
    return found


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    """One column of a profile."""
    return next(one for one in found["columns"] if one["name"] == name)


def cramer(words: Any, classes: Any) -> float:
    """Cramer's V corrected for chance, from the textbook: Bergsma (2013), with chi-squared of scipy."""
    table = pd.crosstab(words, classes).to_numpy()
    n, (r, k) = table.sum(), table.shape
    phi = stats.chi2_contingency(table, correction=False).statistic / n
    corrected = max(0.0, phi - (r - 1) * (k - 1) / (n - 1))
    return float(np.sqrt(corrected / min(r - (r - 1) ** 2 / (n - 1) - 1, k - (k - 1) ** 2 / (n - 1) - 1)))


def test_profile_of_the_flights_has_the_figures_of_others(flights: Any) -> None:
    """All 336,776 rows: moments as pandas has them, links with the label as scipy has them."""
    found = profiled(flights)
    frame = duckdb.connect().execute("FROM read_parquet(?)", [str(flights.folder / "data" / "flights.parquet")]).df()
    late = frame[frame.arr_delay.notna()].assign(late=lambda rows: rows.arr_delay > 15)
    assert (found["rows"], found["label"]) == (336_776, {"model": "late-arrival", "sql": "arr_delay > 15"})
    delay = column(found, "dep_delay")
    assert (delay["missing"], delay["distinct"]) == (8_255, frame.dep_delay.nunique())
    assert (delay["min"], delay["max"]) == (-43.0, 1301.0)
    assert delay["mean"] == pytest.approx(frame.dep_delay.mean())
    assert delay["deviation"] == pytest.approx(frame.dep_delay.std())
    assert delay["quantiles"]["75%"] == frame.dep_delay.quantile(0.75)
    assert sum(bar["rows"] for bar in delay["distribution"]) == 336_776 - 8_255
    assert delay["label"]["measure"] == "|r|"
    assert delay["label"]["value"] == pytest.approx(stats.pointbiserialr(late.late, late.dep_delay).statistic, abs=1e-6)
    assert column(found, "carrier")["label"] == {
        "value": pytest.approx(cramer(late.carrier, late.late), abs=1e-6),
        "measure": "V",
        "sign": 0,
    }
    assert column(found, "origin")["distribution"] == [
        {"value": "EWR", "rows": 120_835},
        {"value": "JFK", "rows": 111_279},
        {"value": "LGA", "rows": 104_662},
    ]
    assert column(found, "arr_delay")["label"] is None  # the label itself
    assert column(found, "flight_id")["distribution"] == []


def test_profile_measures_drift_from_month_to_month(flights: Any) -> None:
    """PSI of the shares of two months, over the words that the profile keeps."""
    found = profiled(flights)
    assert found["periods"]["unit"] == "month"
    assert len(found["periods"]["start"]) == 12
    frame = duckdb.connect().execute("FROM read_parquet(?)", [str(flights.folder / "data" / "flights.parquet")]).df()
    month = frame.scheduled_departure.dt.month
    first, second = (frame.origin[month == number].value_counts(normalize=True) for number in (1, 2))
    expected = sum((second[name] - first[name]) * np.log(second[name] / first[name]) for name in first.index)
    drift = column(found, "origin")["drift"]
    assert drift[0] is None
    assert drift[1] == pytest.approx(expected, abs=1e-6)


def test_profile_of_many_classes_uses_the_correlation_ratio(penguins: Any) -> None:
    """Numbers are held against three species by eta, words by V; the label's own column by nothing."""
    found = profiled(penguins)
    frame = pd.read_csv(penguins.folder / "data" / "penguins.csv")
    mass = frame[frame.body_mass_g.notna()]
    groups = mass.groupby("species").body_mass_g
    between = (groups.size() * (groups.mean() - mass.body_mass_g.mean()) ** 2).sum()
    total = ((mass.body_mass_g - mass.body_mass_g.mean()) ** 2).sum()
    assert column(found, "body_mass_g")["label"] == {
        "value": pytest.approx(np.sqrt(between / total), abs=1e-6),
        "measure": "eta",
        "sign": 0,
    }
    assert column(found, "island")["label"]["value"] == pytest.approx(cramer(frame.island, frame.species), abs=1e-6)
    assert column(found, "species")["label"] is None
    assert found["periods"] is None


def test_profile_prints_a_line_per_column(penguins: Any) -> None:
    """Type, missing and distinct values, a small histogram, and the label."""
    lines = penguins.run("data", "profile").stdout.splitlines()
    assert lines[0] == "penguins: 344 rows, 8 columns, 0.7% of the cells missing  (data/penguins.csv)"
    assert lines[2].split() == ["column", "type", "missing", "distinct", "values", "distribution", "label"]
    sex = next(line for line in lines if line.startswith("sex"))
    assert sex.split()[:8] == ["sex", "string", "3.2%", "2", "male", "50%,", "female", "50%"]
    assert next(line for line in lines if line.startswith("year")).endswith("eta")


def test_profile_counts_persons_and_says_nothing_of_them(penguins: Any) -> None:
    """Neither their words nor their numbers, in no form, nor as the label."""
    columns = penguins.config["datasets"]["penguins"]["columns"]
    columns["island"]["pii"] = columns["body_mass_g"]["pii"] = True
    penguins.write()
    page = penguins.folder / "page.html"
    said = penguins.run("data", "profile").stdout + json.dumps(profiled(penguins))
    penguins.run("data", "profile", "--output", "page.html")
    for text in (said, page.read_text(encoding="utf-8")):
        assert not re.search(r"Torgersen|Biscoe|Dream|6,?300|2,?700|4,?201", text)
    assert column(profiled(penguins), "island") == {
        "name": "island",
        "type": "string",
        "missing": 0,
        "distinct": 3,
        "rules": [],
        "personal": True,
    }


def test_profile_has_the_verdicts_of_the_contract_beside(penguins: Any) -> None:
    """A rule that the last validation found broken stands with its column, in the terminal and on the page."""
    penguins.config["datasets"]["penguins"]["columns"]["body_mass_g"]["max"] = 6000
    penguins.write()
    penguins.step("ingest")
    penguins.step("validate", code=1)
    text = penguins.run("data", "profile").stdout
    assert "rule broken: body_mass_g: is at most 6000 (2 rows)" in text
    penguins.run("data", "profile", "--format", "html")
    page = (penguins.folder / ".mlops" / "profiles" / "penguins.html").read_text(encoding="utf-8")
    assert "<li class='fail'>is at most 6000: 2 rows</li>" in page


def test_profile_of_no_rows_says_so(penguins: Any) -> None:
    """A header alone is a table too."""
    file = penguins.folder / "data" / "penguins.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert penguins.run("data", "profile").stdout.startswith("penguins: 0 rows, 8 columns, 0.0% of the cells missing")
    penguins.run("data", "profile", "--output", "page.html")
    assert "There are no rows." in (penguins.folder / "page.html").read_text(encoding="utf-8")


def wide(project: Any, columns: int) -> None:
    """Replace the penguins by a table of very many columns."""
    names = [f"c{number}" for number in range(columns)]
    numbers = ", ".join(f"(i * {n + 3}) % 101 + 0.5 AS c{n}" for n in range(columns))
    target = project.folder / "data" / "wide.parquet"
    database = duckdb.connect()
    database.execute(f"COPY (SELECT {numbers}, i % 2 = 0 AS y FROM range(300) t(i)) TO '{target}' (FORMAT parquet)")
    dataset = project.config["datasets"]["penguins"]
    dataset["source"] = {"kind": "parquet", "path": "data/wide.parquet"}
    dataset["columns"] = {name: {"type": "float"} for name in names} | {"y": {"type": "boolean"}}
    project.config["label"] = {"sql": "y", "dtype": "boolean", "columns": ["y"], "nulls": "drop"}
    project.write()


@pytest.mark.slow
@pytest.mark.exhaustive
def test_profile_of_very_many_columns_has_all_of_them(penguins: Any) -> None:
    """The page draws those that say most about the label, and lists every one."""
    wide(penguins, 600)
    penguins.run("data", "profile", "--output", "page.html")
    page = (penguins.folder / "page.html").read_text(encoding="utf-8")
    assert page.count("<article class='card'") == 400
    assert page.count("<tr><td>") == 601
    assert "the first 400 of 601; all are in the table below" in page


def test_page_holds_everything_and_escapes_the_words_of_the_data(penguins: Any) -> None:
    """No address is in it, and a value with markup is text."""
    file = penguins.folder / "data" / "penguins.csv"
    hostile = "</script><img src=x onerror=alert(1)>'&"
    file.write_text(file.read_text(encoding="utf-8").replace("Torgersen", hostile), encoding="utf-8")
    penguins.run("data", "profile", "--output", "page.html")
    page = (penguins.folder / "page.html").read_text(encoding="utf-8")
    assert "&lt;/script&gt;&lt;img" in page
    assert "<img" not in page
    assert re.findall(r"https?://|url\(|@import|<link|src=(?!x onerror)", page) == []
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "error: there is no dataset 'nowhere'\n  help: there is: penguins\n"),
        (["penguins", "--output", "data"], "error: cannot write {folder}/data: Is a directory\n"),
    ],
)
def test_profile_says_what_is_wrong(penguins: Any, arguments: list[str], message: str) -> None:
    """A message with what to do, never a traceback."""
    done = penguins.run("data", "profile", *arguments, code=2 if arguments == ["nowhere"] else 1)
    assert done.stderr.startswith(message.format(folder=Path(penguins.folder).resolve()))
