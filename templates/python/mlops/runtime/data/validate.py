"""Step ``validate``: hold every dataset to its contract; errors block, warnings report, bad rows are put aside."""

from __future__ import annotations

import duckdb

from ..core import duck
from ..core.config import Dataset, ModelConfig
from ..core.console import table
from ..core.errors import StepError
from ..core.files import missing, write_json
from ..core.paths import Work
from .findings import Finding
from .rules import column_rules
from .tables import table_rules

KEPT_PER_RULE = 1000
"""No more bad rows than these are put aside for one rule; the report has their true number."""


def check_dataset(database: duckdb.DuckDBPyConnection, label: str, dataset: Dataset) -> list[Finding]:
    """Every rule of ``dataset``, whose rows the database knows under the name ``label``."""
    return [*column_rules(database, label, dataset), *table_rules(database, label, dataset)]


def validate(config: ModelConfig, work: Work) -> str:
    """Check all datasets; StepError with a table of what is wrong when a rule of severity error fails."""
    findings: list[Finding] = []
    with duck.connection() as database:
        for label in config.training_data:
            if not work.ingested(label).exists():
                raise missing(work.ingested(label), "ingest")
            duck.view(database, label, work.ingested(label))
        for label, dataset in config.training_data.items():
            findings += check_dataset(database, label, dataset)
        _put_aside(database, config, work, findings)
    write_json(work.validation_report, {"rules": [_entry(finding) for finding in findings]})
    return _conclude(findings, work)


def _entry(finding: Finding) -> dict[str, object]:
    return {
        "name": finding.name,
        "dataset": finding.dataset,
        "column": finding.column,
        "severity": finding.severity,
        "verdict": "pass" if finding.passed else "fail",
        "bad_rows": finding.bad_rows,
        "detail": finding.detail,
    }


def _conclude(findings: list[Finding], work: Work) -> str:
    failed = [finding for finding in findings if not finding.passed]
    errors = [finding for finding in failed if finding.severity == "error"]
    shown = table(
        ["severity", "dataset", "column", "rule", "bad rows", "detail"],
        [[f.severity, f.dataset, f.column, f.name, f.bad_rows or None, f.detail] for f in failed],
    )
    if errors:
        aside = f"the rows are in {work.bad_rows}; " if work.bad_rows.exists() else ""
        plural = "s" if len(errors) > 1 else ""
        raise StepError(
            f"the data breaks {len(errors)} rule{plural} of its contract\n{shown}",
            f"{aside}correct the data or the contract",
        )
    if failed:
        print(shown)
    warned = f", {len(failed)} warned" if failed else ""
    return f"{len(findings) - len(failed)} of {len(findings)} rules hold{warned}"


def _put_aside(database: duckdb.DuckDBPyConnection, config: ModelConfig, work: Work, findings: list[Finding]) -> None:
    """Write the bad rows with their rule; personal columns stay out of the copy."""
    queries = []
    for finding in findings:
        if not finding.rows:
            continue
        columns = config.datasets[finding.dataset].columns
        shown = [duck.name(name) for name, column in columns.items() if not column.pii]
        packed = ", ".join(f"{name} := {name}" for name in shown) or "hidden := true"
        positions = ", ".join(str(row) for row in finding.rows[:KEPT_PER_RULE])
        queries.append(
            f"SELECT {duck.literal(finding.dataset)} AS dataset, {duck.literal(finding.name)} AS rule, "
            f'CAST({_text(finding.column)} AS VARCHAR) AS "column", row, record FROM '
            f"(SELECT row_number() OVER () AS row, to_json(struct_pack({packed})) AS record "
            f"FROM {duck.name(finding.dataset)}) WHERE row IN ({positions})"
        )
    work.bad_rows.unlink(missing_ok=True)
    if queries:
        duck.write(database, " UNION ALL ".join(queries), work.bad_rows)


def _text(value: str | None) -> str:
    return "NULL" if value is None else duck.literal(value)
