"""What is wrong in an SQL text is said at the line and column inside it, however YAML writes the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic
from mlopsc.source import Span

Diagnose = Callable[[str], list[Diagnostic]]
Written = Callable[[str, Span], str]

SPEC = """\
images: {registry: ghcr.io/acme}
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string
      scheduled_departure: timestamp
      carrier: string
      distance: float
      seats: integer
      heavy: boolean
      arr_delay: {type: float?, available_after: 1d}
      diverted: {type: boolean, available_after: 2d}
features:
  basics:
    from: flights
    columns:
      carrier: {}
EXTRA
models:
  late-arrival:
    features: [basics]
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
    deploy: {api: {port: 8080}}
"""

WRONG = [
    ("distanc / 2 > 100", "MLC203", "distanc", "unknown column 'distanc' in feature 'extra'"),
    (
        "distance + carrier",
        "MLC302",
        "distance + carrier",
        "feature 'extra': '+' needs numbers, but 'carrier' is a string",
    ),
    (
        "distance > avg(distance)",
        "MLC303",
        "avg(distance)",
        "feature 'extra': 'avg' is an aggregate, and this is one row",
    ),
    ("seats * random()", "MLC304", "random", "feature 'extra': 'random' gives another value each time it is asked"),
    (
        "scheduled_departure > now()",
        "MLC304",
        "now",
        "feature 'extra': 'now' gives another value each time it is asked",
    ),
    (
        "distance > 0 and arr_delay > 5",
        "MLC307",
        "arr_delay",
        "feature 'extra' of model 'late-arrival' gives the label away",
    ),
    (
        "heavy or diverted",
        "MLC306",
        "diverted",
        "feature 'extra' of model 'late-arrival' is not yet known at 'scheduled_departure'",
    ),
    ("lenght(carrier) > 2", "MLC315", "lenght", "unknown function 'lenght' in feature 'extra'"),
    (
        "heavy and round(distance, 1, 2) > 3",
        "MLC325",
        "round(distance, 1, 2)",
        "feature 'extra': 'round' takes 1 or 2 arguments, not 3",
    ),
    (
        "seats > 1 or (select 1) = 1",
        "MLC301",
        None,
        "a query cannot stand here, only an expression over the columns of one row in feature 'extra'",
    ),
    (
        "sum(seats) over ()",
        "MLC301",
        "sum(seats) over ()",
        "OVER cannot stand here; say what the window is with aggregate, by, window and lag in feature 'extra'",
    ),
    ("date_trunc('dya', scheduled_departure)", "MLC326", "dya", "feature 'extra': no date has a part 'dya'"),
    ("carrier ~ '[A-Z'", "MLC326", "'[A-Z'", "feature 'extra': the pattern cannot be read: unterminated character set"),
    ("carrier > 1", "MLC302", "carrier", "feature 'extra': 'carrier' is a string, but 1 is an integer"),
    (
        "case when heavy then 'a' else 1 end",
        "MLC302",
        "case when heavy then 'a' else 1 end",
        "feature 'extra': the branches have different types: integer, string",
    ),
    ("seats / 0 > 1", "MLC326", "seats", "feature 'extra': '/' divides by zero in every row"),
]


def said(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what is said of columns that nothing reads."""
    return [one for one in found if one.code not in ("MLC101", "MLC316")]


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong[0] for wrong in WRONG])
def test_wrong_sql_is_said_inside_the_text(
    diagnosed: Diagnose, written: Written, wrong: tuple[str, str, str | None, str]
) -> None:
    """One diagnostic, whose column points into the SQL."""
    sql, code, where, message = wrong
    text = SPEC.replace("EXTRA", f'      extra: {{sql: "{sql}"}}')
    (found,) = said(diagnosed(text))
    assert (found.code, found.message) == (code, message)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if sql in one)
    assert found.primary.span.line == line
    start = text.splitlines()[line - 1].index(sql)
    assert start < found.primary.span.column <= start + len(sql)
    assert where is None or written(text, found.primary.span) == where


STYLES = {
    "plain": "      extra:\n        sql: heavy and distanc > 2",
    "single quotes": "      extra: {sql: 'carrier = ''é'' and distanc > 2'}",
    "double quotes": "      extra: {sql: \"carrier = '\\u00e9\\t' and distanc > 2\"}",
    "literal": "      extra:\n        sql: |\n          heavy\n          and distanc > 2",
    "folded": "      extra:\n        sql: >-\n          carrier = 'é'\n          and heavy\n          and distanc > 2",
    "folded with a comment": "      extra:\n        sql: >\n          heavy and\n\n          distanc > 2\n",
    "plain over lines": "      extra:\n        sql: heavy\n          and distanc > 2",
}


@pytest.mark.parametrize("style", STYLES)
def test_wrong_sql_is_found_in_every_style_of_yaml(diagnosed: Diagnose, written: Written, style: str) -> None:
    """Quoted, escaped, folded and literal texts: the span is that of the word in the file."""
    text = SPEC.replace("EXTRA", STYLES[style])
    (found,) = said(diagnosed(text))
    assert (found.code, found.message) == ("MLC203", "unknown column 'distanc' in feature 'extra'")
    assert written(text, found.primary.span) == "distanc"
    assert "distanc >" in text.splitlines()[found.primary.span.line - 1]


def test_feature_that_only_duckdb_computes_is_said_where_it_is_served(diagnosed: Diagnose, written: Written) -> None:
    """A warning at the part that has no Python form; silent where no request is answered."""
    text = SPEC.replace("EXTRA", '      extra: {sql: "seats + length(reverse(carrier))"}')
    (found,) = said(diagnosed(text))
    assert (found.code, found.severity.value) == ("MLC327", "warning")
    assert written(text, found.primary.span) == "reverse(carrier)"
    assert said(diagnosed(text.replace("    deploy: {api: {port: 8080}}\n", ""))) == []


FLOWS = [
    ("carrier || 'x'", "ks", "MLC506", "'ks' compares numbers, and 'extra' has none"),
    ("distance / 2", "chi2", "MLC506", "'chi2' compares categories, and 'extra' has none"),
    ("seats > 3", "chi2", None, ""),
    ("length(carrier)", "ks", None, ""),
    ("date_diff('day', date '2013-01-01', scheduled_departure)", "ks", None, ""),
]


@pytest.mark.parametrize(("sql", "method", "code", "message"), FLOWS, ids=[flow[0] for flow in FLOWS])
def test_type_of_a_feature_decides_which_drift_method_fits(
    diagnosed: Diagnose, sql: str, method: str, code: str | None, message: str
) -> None:
    """The type of what the SQL gives, not of what it reads."""
    monitor = (
        "{model: late-arrival, kind: data-drift, schedule: 0 6 * * *, window: 30d, columns: [extra], method: METHOD}"
    )
    text = SPEC.replace("EXTRA", f'      extra: {{sql: "{sql}"}}')
    text += f"monitors:\n  drift: {monitor.replace('METHOD', method)}\n"
    found = [(one.code, one.message) for one in diagnosed(text) if one.code == "MLC506"]
    assert found == ([(code, message)] if code else [])


@pytest.mark.parametrize(
    ("label", "metric", "codes"),
    [("arr_delay > 15", "roc_auc", []), ("arr_delay / 60", "roc_auc", ["MLC401"]), ("arr_delay / 60", "rmse", [])],
)
def test_type_of_the_label_decides_which_metric_fits(
    diagnosed: Diagnose, label: str, metric: str, codes: list[str]
) -> None:
    """A label that is a number makes a regression, which has other metrics."""
    regressor = "HistGradientBoostingRegressor" if "/" in label else "HistGradientBoostingClassifier"
    text = SPEC.replace("EXTRA", "      distance: {}").replace("arr_delay > 15", label)
    text = text.replace("HistGradientBoostingClassifier", regressor)
    text = text.replace("    deploy:", f"    evaluate: {{metrics: [{metric}]}}\n    deploy:")
    assert [one.code for one in diagnosed(text) if one.code.startswith("MLC4")] == codes
