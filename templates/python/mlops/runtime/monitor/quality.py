"""Monitor ``data-quality``: do the requests of the window keep the contract of the data?"""

from __future__ import annotations

from dataclasses import replace

from ..core import duck
from ..core.config import Dataset, ModelConfig, Monitor
from ..data import bad_rows
from ..data.findings import Finding
from ..data.tables import Table, today
from ..data.validate import check_table
from .history import History, pointer, within
from .schedule import Window
from .verdicts import BREACHED, INSUFFICIENT, OK, Measure, WindowVerdict

RULES = ("null_fraction",)
"""Table checks that mean the same for some rows as for all of them."""


def judge(history: History, window: Window, monitor: Monitor, config: ModelConfig) -> WindowVerdict:
    """One measure per rule of the contract, over the raw values that the requests carried."""
    rows = history.count(window)
    if rows < max(monitor.min_rows, 1):
        return WindowVerdict(window=window, rows=rows, why=f"{rows:,} predictions, needs {max(monitor.min_rows, 1):,}")
    contract = _contract(monitor, config)
    _make_table(history, window, config.dataset, contract)
    bad_rows.prepare(history.database)
    table = Table(database=history.database, label=config.dataset, dataset=contract, rows=rows, now=today())
    findings = check_table(table, config.data_quality)
    measures = sorted((_measure(finding) for finding in findings), key=lambda m: (m.verdict != BREACHED, m.name))
    return WindowVerdict(window=window, rows=rows, measures=tuple(measures))


def _contract(monitor: Monitor, config: ModelConfig) -> Dataset:
    """What of the dataset's contract a request can break: it may ask about the same key twice, and it stands alone."""
    dataset = config.datasets[config.dataset]
    hidden = {name for part in (config.api, config.batch) if part and part.log for name in part.log.redact}
    asked = {field.name for field in config.request} - hidden
    columns = {
        name: replace(column, unique=False, min_distinct=None, references=None)
        for name, column in dataset.columns.items()
        if name in asked and (not monitor.columns or name in monitor.columns)
    }
    checks = [check for check in dataset.checks if check.kind in RULES and check.column in columns]
    return replace(dataset, columns=columns, checks=checks)


def _make_table(history: History, window: Window, label: str, contract: Dataset) -> None:
    typed = ", ".join(
        f"TRY_CAST(request->>{pointer(name)} AS {duck.TYPES[column.type]}) AS {duck.name(name)}"
        for name, column in contract.columns.items()
    )
    query = f"SELECT {typed} FROM log WHERE {within(window)}"
    history.database.execute(f"CREATE OR REPLACE TEMP TABLE {duck.name(label)} AS {query}")
    bad_rows.number_table(history.database, label)


def _measure(finding: Finding) -> Measure:
    blocks = finding.rule.severity == "error"
    return Measure(
        name=finding.rule.place,
        verdict=OK if finding.passed else BREACHED if blocks else INSUFFICIENT,
        value=finding.bad_rows,
        bound="0 bad rows" if blocks else "0 bad rows (warns)",
        detail=finding.detail,
    )
