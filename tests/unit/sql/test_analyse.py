"""SQL texts become typed expressions, or problems at their place."""

from __future__ import annotations

import pytest

from mlopsc.sql.analyse import analyse, analyse_query, quoted
from mlopsc.sql.tree import ColumnType

COLUMNS = {
    "distance": ColumnType(dtype="float"),
    "delay": ColumnType(dtype="float", nullable=True),
    "seats": ColumnType(dtype="integer"),
    "carrier": ColumnType(dtype="string"),
    "time": ColumnType(dtype="timestamp"),
    "day": ColumnType(dtype="date"),
    "late": ColumnType(dtype="boolean"),
    "tail number": ColumnType(dtype="string"),
    "odd": ColumnType(dtype=None, nullable=True),
}

WRONG = [
    ("distanc / 2", "unknown_column", "distanc", "unknown column 'distanc'", "distance"),
    ("'é' || carrie", "unknown_column", "carrie", "unknown column 'carrie'", "carrier"),
    ("flights.distance", "unknown_column", "flights.distance", None, None),
    ("distance +", "syntax", "+", "the SQL ends after '+'", None),
    ("case when late then 1", "syntax", "1", "expected END after CASE at '1'", None),
    ("'abc", "syntax", "'abc", "a quote is not closed", None),
    ("", "syntax", "", "the SQL is empty", None),
    ("@", "syntax", "@", "something is missing", None),
    ("if 1", "unsupported", "if 1", None, None),
    ("1; 2", "syntax", "1; 2", "there is more than one statement", None),
    ("distance d", "unsupported", "distance d", None, None),
    ("(select 1)", "unsupported", "(select 1)", None, None),
    ("sum(distance) over ()", "unsupported", "sum(distance) over ()", None, None),
    ("avg(distance)", "aggregate", "avg(distance)", "'avg' is an aggregate, and this is one row", None),
    ("distance * random()", "nondeterministic", "random", "'random' gives another value each time it is asked", None),
    ("time > now()", "nondeterministic", "now", "'now' gives another value each time it is asked", None),
    ("carrier > 1", "type", "carrier", "'carrier' is a string, but 1 is an integer", None),
    ("delay > 'x'", "type", "delay", "'delay' is a float, but the text 'x' is a string", None),
    ("carrier + 1", "type", "carrier", "'+' needs numbers, but 'carrier' is a string", None),
    ("lower(seats)", "type", "lower(seats)", "'lower' needs a string, but 'seats' is an integer", None),
    ("hour(carrier)", "type", "hour(carrier)", "'carrier' is a string, where a timestamp or a date is needed", None),
    ("carrier and late", "type", "carrier", None, None),
]


@pytest.mark.parametrize(("text", "kind", "where", "message", "near"), WRONG, ids=[wrong[0] for wrong in WRONG])
def test_analyse_says_what_is_wrong_and_where(
    text: str, kind: str, where: str, message: str | None, near: str | None
) -> None:
    """One problem, its kind, its place in the text, and the name that was meant."""
    expression, problems = analyse(text, COLUMNS)
    assert expression is None
    (problem,) = problems
    assert (problem.kind, text[problem.start : problem.end], problem.suggestion) == (kind, where, near)
    assert message in (None, problem.message)


TYPED = [
    ("distance", "distance", "float", False),
    ("delay", "delay", "float", True),
    ("DISTANCE * 2", "distance * 2", "float", False),
    ('"tail number"', '"tail number"', "string", False),
    ("delay > 15", "delay > 15", "boolean", True),
    ("seats / 2", "seats / 2", "float", False),
    ("seats // 2 + 1", "seats // 2 + 1", "integer", False),
    ("0.5", "CAST(0.5 AS DOUBLE)", "float", False),
    ("seats * 0.5", "seats * CAST(0.5 AS DOUBLE)", "float", False),
    ("case when late then 1 end", "CASE WHEN late THEN 1 END", "integer", True),
    ("coalesce(delay, 0)", "COALESCE(delay, 0)", "float", False),
    ("extract(hour from time)", "EXTRACT(HOUR FROM time)", "integer", False),
    ("time > '2013-06-01'", "time > '2013-06-01'", "boolean", False),
    ("strftime(time, '%H')", "STRFTIME(time, '%H')", "string", False),
    ("strftime(time, '%A')", "STRFTIME(time, '%A')", "string", True),
    ("odd > 1", "odd > 1", "boolean", True),
    ("odd", "odd", None, True),
    ("time - time", "time - time", None, True),
]


@pytest.mark.parametrize(("text", "normal", "dtype", "nullable"), TYPED, ids=[typed[0] for typed in TYPED])
def test_analyse_types_expressions(text: str, normal: str, dtype: str | None, nullable: bool) -> None:  # noqa: FBT001
    """The normal form, the type, and whether it can be null."""
    expression, problems = analyse(text, COLUMNS)
    assert problems == ()
    assert expression is not None
    assert (expression.text, expression.dtype, expression.nullable) == (normal, dtype, nullable)


AGGREGATES = [
    ("avg(delay)", "float", ("delay",)),
    ("count(*)", "integer", ()),
    ("max(seats)", "integer", ("seats",)),
    ("sum(case when late then delay end)", "float", ("late", "delay")),
    ("sum(delay) / count(*)", "float", ("delay",)),
    ("avg(delay) filter (where seats > 10)", "float", ("delay", "seats")),
]


@pytest.mark.parametrize(("text", "dtype", "columns"), AGGREGATES, ids=[found[0] for found in AGGREGATES])
def test_analyse_types_aggregates(text: str, dtype: str, columns: tuple[str, ...]) -> None:
    """What windows and business metrics compute: type and columns, and no Python form."""
    expression, problems = analyse(text, COLUMNS, allow_aggregate=True)
    assert problems == ()
    assert expression is not None
    assert (expression.dtype, expression.columns, expression.tree) == (dtype, columns, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("delay", "'delay' stands outside an aggregate such as avg(…)"),
        ("sum(delay) + seats", "'seats' stands outside an aggregate such as avg(…)"),
        ("1", "an aggregate such as avg(…) or count(*) is needed"),
    ],
)
def test_analyse_wants_an_aggregate_where_rows_are_many(text: str, message: str) -> None:
    """A row's own column has no value for a group of rows."""
    assert [problem.message for problem in analyse(text, COLUMNS, allow_aggregate=True)[1]] == [message]


def test_analyse_reports_every_unknown_column() -> None:
    """Several typos in one text are several problems."""
    _, problems = analyse("distanc + seat > delai", COLUMNS)
    assert sorted((problem.start, problem.suggestion) for problem in problems) == [
        (0, "distance"),
        (10, "seats"),
        (17, "delay"),
    ]


def test_query_names_unknown_tables_and_columns() -> None:
    """A table check is a whole SELECT over the datasets."""
    tables = {"flights": COLUMNS}
    assert analyse_query("select * from flights where distance < 0", tables) == ()
    assert analyse_query("with f as (select carrier from flights) select * from f", tables) == ()
    (wrong,) = analyse_query("select * from flight", tables)
    assert (wrong.kind, wrong.start, wrong.end, wrong.suggestion) == ("unknown_table", 14, 20, "flights")
    (wrong,) = analyse_query("select * from flights where distanc < 0", tables)
    assert (wrong.kind, wrong.start, wrong.end, wrong.suggestion) == ("unknown_column", 28, 35, "distance")
    (wrong,) = analyse_query("distance < 0", tables)
    assert wrong.message == "a SELECT is needed here"


@pytest.mark.parametrize(
    ("name", "sql"), [("dest", "dest"), ("order", '"order"'), ("tail number", '"tail number"'), ('a"b', '"a""b"')]
)
def test_column_names_are_quoted_where_duckdb_needs_it(name: str, sql: str) -> None:
    """Words of SQL and names with other characters stand in double quotes."""
    assert quoted(name) == sql
