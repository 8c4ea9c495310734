# mypy: disable-error-code="import-untyped"
"""The rows that break a rule: where they are, how many, examples, and the file that they are put aside in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from ..core import duck
from ..core.config import Dataset
from .rules import Rule

BAD, ROW = '"__bad"', '"__row"'
SHOWN = 3


def numbered(label: str) -> str:
    """The name of the dataset's rows with their number, counted from 1, as ``__row``."""
    return duck.name(f"__rows_{label}")


def number_file(database: duckdb.DuckDBPyConnection, label: str, path: Path) -> None:
    """Make the rows of a Parquet file known as the table ``label``, and once more with their numbers."""
    duck.view(database, label, path)
    known = duck.columns(database, duck.name(label))
    counted, source = "file_row_number + 1", f"read_parquet({duck.literal(str(path))}, file_row_number = true)"
    kept = "* EXCLUDE (file_row_number)"
    if any(name.lower() == "file_row_number" for name in known):
        counted, source, kept = "row_number() OVER ()", duck.name(label), "*"
    database.execute(f"CREATE OR REPLACE VIEW {numbered(label)} AS SELECT {kept}, {counted} AS {ROW} FROM {source}")


def number_table(database: duckdb.DuckDBPyConnection, label: str) -> None:
    """The same for a temporary table of this database."""
    query = f"SELECT *, rowid + 1 AS {ROW} FROM {duck.name(label)}"
    database.execute(f"CREATE OR REPLACE TEMP VIEW {numbered(label)} AS {query}")


def prepare(database: duckdb.DuckDBPyConnection) -> None:
    """Start with no bad row."""
    database.execute(f"CREATE OR REPLACE TEMP TABLE {BAD} (rule INTEGER, row BIGINT)")


def add(database: duckdb.DuckDBPyConnection, rule: Rule, rows: Sequence[int]) -> None:
    """Remember that these rows break ``rule``."""
    if len(rows):
        database.register("__found", pa.table({"row": pa.array(rows, pa.int64())}))
        add_query(database, rule, "SELECT row FROM __found")
        database.unregister("__found")


def add_query(database: duckdb.DuckDBPyConnection, rule: Rule, query: str) -> None:
    """Remember that the rows whose numbers ``query`` gives break ``rule``."""
    database.execute(f"INSERT INTO {BAD} SELECT {rule.number}, * FROM ({query})")


def counts(database: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """How many bad rows each rule has, by its number; rules that hold are left out."""
    found = database.execute(f"SELECT rule, count(*) FROM {BAD} GROUP BY rule").fetchall()
    return {int(rule): int(rows) for rule, rows in found}


def examples(database: duckdb.DuckDBPyConnection, rule: Rule, *, hidden: bool) -> tuple[str, ...]:
    """A few of the values that break it; none of a column whose values are ``hidden``."""
    if hidden or rule.column is None or rule.kind == "not_null":
        return ()
    query = (
        f"SELECT CAST({duck.name(rule.column)} AS VARCHAR) AS value FROM {numbered(rule.dataset)} "
        f"JOIN {BAD} ON row = {ROW} WHERE rule = {rule.number} GROUP BY 1 ORDER BY min({ROW}) LIMIT {SHOWN}"
    )
    return tuple(str(value) for (value,) in database.execute(query).fetchall())


def put_aside(
    database: duckdb.DuckDBPyConnection, rules: Iterable[Rule], datasets: Mapping[str, Dataset], path: Path
) -> int:
    """Write every bad row with the rule that it breaks; how many lines that are comes back.

    A row that breaks two rules is there twice. Personal columns stay out unless the dataset's contract names them.
    The file is removed where there is nothing to write.
    """
    broken = counts(database)
    queries = [
        _lines(rule, datasets[rule.dataset]) for rule in rules if rule.number in broken and rule.dataset in datasets
    ]
    path.unlink(missing_ok=True)
    return duck.write(database, " UNION ALL ".join(queries), path) if queries else 0


def _lines(rule: Rule, dataset: Dataset) -> str:
    shown = [name for name, column in dataset.columns.items() if not column.pii or name in dataset.shown_in_bad_rows]
    key = [name for name in dataset.key if name in shown]
    column = "NULL" if rule.column is None else duck.literal(rule.column)
    return (
        f"SELECT {duck.literal(rule.dataset)} AS dataset, {duck.literal(rule.name)} AS rule, "
        f'CAST({column} AS VARCHAR) AS "column", {duck.literal(rule.severity)} AS severity, row, '
        f"{_packed(key)} AS key, {_packed(shown)} AS record "
        f"FROM {numbered(rule.dataset)} JOIN {BAD} ON row = {ROW} WHERE rule = {rule.number}"
    )


def _packed(names: Sequence[str]) -> str:
    if not names:
        return "CAST(NULL AS VARCHAR)"
    fields = ", ".join(f"{duck.name(name)} := {duck.name(name)}" for name in names)
    return f"CAST(to_json(struct_pack({fields})) AS VARCHAR)"
