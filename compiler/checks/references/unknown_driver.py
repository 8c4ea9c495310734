"""A database whose driver nobody installs."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets

KNOWN = ("postgresql", "postgres", "postgresql+psycopg", "sqlite", "sqlite+pysqlite")
"""What the generated requirements bring a driver for, or Python itself."""

USUAL = {
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "oracle": "oracledb",
    "mssql": "pyodbc",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift",
    "duckdb": "duckdb-engine",
    "databricks": "databricks-sqlalchemy",
    "trino": "trino",
    "clickhouse": "clickhouse-sqlalchemy",
}


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every database beyond those, where the project names no requirement of its own."""
    if project.spec.project.requirements:
        return
    for dataset in datasets(project):
        source = dataset.source
        if not is_valid(source) or source.url is None:
            continue
        scheme, found, _rest = source.url.partition("://")
        if found and scheme not in KNOWN and "${" not in scheme:
            driver = scheme.partition("+")[2] or USUAL.get(scheme.lower(), "its-driver")
            yield Finding(
                message=f"no driver is installed for '{scheme}'",
                mark=Mark(path=(*source.path, "url"), at="value"),
                help=f"name it under project: requirements, with the oldest version that you tested: {driver}>=…",
            )


CHECK = Check(
    code="MLC225",
    title="database without a driver",
    explanation="The generated requirements bring what reads PostgreSQL and SQLite. Any other database is read through "
    "SQLAlchemy, with a driver that has to be installed besides: it stands under `project.requirements`.",
    severity=Severity.WARNING,
    run=find,
)
