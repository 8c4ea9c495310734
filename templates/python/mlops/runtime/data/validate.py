"""Step ``validate``: hold every dataset to its contract; errors block, warnings report, bad rows are put aside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import duckdb

from ..core import duck, paths
from ..core.config import Dataset, ModelConfig
from ..core.errors import StepError
from ..core.files import missing, write_json
from ..core.paths import Work
from . import accepted, bad_rows
from .findings import Finding, Measured
from .report import entry, overview, summarize
from .rules import COMPARED, LOCATED, Rule, rules_of
from .tables import Table, detail, today

Backend = Callable[[Table, Sequence[Rule], Path | None], Mapping[int, Measured]]
BACKENDS = {"pandera": "by_pandera", "great-expectations": "by_great_expectations"}


def validate(config: ModelConfig, work: Work) -> str:
    """Check all datasets; StepError with a table of what is wrong when a rule of severity error fails."""
    findings: list[Finding] = []
    with duck.connection() as database:
        for label in config.training_data:
            if not work.ingested(label).exists():
                raise missing(work.ingested(label), "ingest")
            bad_rows.number_file(database, label, work.ingested(label))
        bad_rows.prepare(database)
        tables = [
            _table(database, config, label, dataset, work.ingested(label))
            for label, dataset in config.training_data.items()
        ]
        for table in tables:
            findings += check_table(table, config.data_quality, work.suite, first=len(findings))
        lines = bad_rows.put_aside(database, [found.rule for found in findings], config.datasets, work.bad_rows)
        report = {"rules": [entry(found) for found in findings], "bad_rows": lines, "backend": config.data_quality}
        write_json(work.validation_report, report | {"rows": {table.label: table.rows for table in tables}})
        summarize(findings)
        if not any(found.blocks for found in findings):
            for table in tables:
                _accept(config, table, work.ingested(table.label))
    return _conclude(findings, {table.label: table.rows for table in tables}, work)


def check_table(table: Table, backend: str, folder: Path | None = None, first: int = 0) -> list[Finding]:
    """Every rule of a dataset, checked by the ``backend`` that the stack names, which may keep more in ``folder``."""
    rules = rules_of(table.label, table.dataset, first)
    check = _backend(backend)
    found = check(table, rules, folder) if rules else {}
    counts = bad_rows.counts(table.database)
    return [_finding(table, rule, found[rule.number], counts.get(rule.number, 0)) for rule in rules]


def _backend(word: str) -> Backend:
    try:
        found: Backend = import_module(f".{BACKENDS[word]}", package=__package__).check
    except ModuleNotFoundError as error:
        hint = "install the requirements of this role (mlops/models/<model>/requirements-train.txt)"
        raise StepError(f"data_quality is '{word}', and the package '{error.name}' is not installed", hint) from error
    return found


def _finding(table: Table, rule: Rule, found: Measured, bad: int) -> Finding:
    located = rule.kind in LOCATED
    rows = int(str(found.value)) if rule.kind == "sql" else bad
    passed = rows == 0 if located else found.passed
    personal = rule.contract is None or rule.contract.pii
    shown = () if passed or not bad else bad_rows.examples(table.database, rule, hidden=personal)
    text = f"for example {', '.join(map(repr, shown))}" if shown else detail(table, rule, found.value)
    if rule.kind == "sql" and rows and not bad:
        text = "select whole rows, or the key, to have them put aside"
    return Finding(
        rule=rule,
        passed=passed,
        detail=text,
        bad_rows=rows if located else 0,
        value=None if located else found.value,
        examples=shown,
    )


def _table(database: duckdb.DuckDBPyConnection, config: ModelConfig, label: str, dataset: Dataset, path: Path) -> Table:
    compared = any(check.kind in COMPARED for check in dataset.checks)
    last = accepted.last(paths.accepted(config.model, label), _digest(path)) if compared else None
    rows = duck.count(database, duck.name(label))
    return Table(database=database, label=label, dataset=dataset, rows=rows, now=today(), last=last)


def _accept(config: ModelConfig, table: Table, path: Path) -> None:
    """Remember how these rows are, where a check compares the next ones with them."""
    checks = [check for check in table.dataset.checks if check.kind in COMPARED]
    if not any(check.kind == "distribution" or check.max_change is not None for check in checks):
        return
    columns = {str(check.column): table.dataset.columns[str(check.column)] for check in checks if check.column}
    found = accepted.profile(table.database, bad_rows.numbered(table.label), _digest(path), table.rows, columns)
    accepted.keep(paths.accepted(config.model, table.label), found)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _conclude(findings: list[Finding], rows: Mapping[str, int], work: Work) -> str:
    shown = overview(findings, rows)
    errors = [found for found in findings if found.blocks]
    failed = [found for found in findings if not found.passed]
    if errors:
        aside = f"the rows are in {work.bad_rows}; " if work.bad_rows.exists() else ""
        plural = "s" if len(errors) > 1 else ""
        raise StepError(
            f"the data breaks {len(errors)} rule{plural} of its contract\n{shown}",
            f"{aside}correct the data or the contract",
        )
    print(shown)
    warned = f", {len(failed)} warned" if failed else ""
    return f"{len(findings) - len(failed)} of {len(findings)} rules hold{warned}"
