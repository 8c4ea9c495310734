"""Monitor ``data-quality``: do the requests of the window keep the contract of the data?"""

from __future__ import annotations

from dataclasses import replace

from ..core import duck
from ..core.config import Dataset, ModelConfig, Monitor
from ..data.findings import Finding
from ..data.validate import check_dataset
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
    findings = check_dataset(history.database, config.dataset, contract)
    measures = sorted((_measure(finding) for finding in findings), key=lambda m: (m.verdict != BREACHED, m.name))
    return WindowVerdict(window=window, rows=rows, measures=tuple(measures))


def _contract(monitor: Monitor, config: ModelConfig) -> Dataset:
    """What of the dataset's contract a request can break: it may ask about the same key twice."""
    dataset = config.datasets[config.dataset]
    hidden = {name for part in (config.api, config.batch) if part and part.log for name in part.log.redact}
    asked = {field.name for field in config.request} - hidden
    columns = {
        name: replace(column, unique=False)
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


def _measure(finding: Finding) -> Measure:
    failed = BREACHED if finding.severity == "error" else INSUFFICIENT
    return Measure(
        name=f"{finding.column}: {finding.name}" if finding.column else finding.name,
        verdict=OK if finding.passed else failed,
        value=finding.bad_rows,
        bound="0 bad rows" if finding.severity == "error" else "0 bad rows (warns)",
        detail=finding.detail,
    )
