"""Specs made of fragments, and what a check says about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlopsc.diagnostics import Diagnostic
from mlopsc.phases import analyse
from mlopsc.source import Span

FLIGHTS = """\
{top}
data:
  flights:
    source: {source}
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string
      scheduled_departure: timestamp
      carrier: string
      distance: float
      heavy: boolean
      arr_delay: {{type: float?, available_after: {delay}}}
{features}
models:
  late-arrival:
    label: arr_delay > 15
    train: {{estimator: sklearn.ensemble.HistGradientBoostingClassifier}}
    {model}
    deploy: {{{deploy}}}
{rest}
"""

Said = tuple[str, str, str]
"""The code, the text that it points at, and the help."""


@pytest.fixture
def diagnosed(tmp_path: Path) -> Callable[[str], list[Diagnostic]]:
    """Every diagnostic of a spec."""

    def run(text: str) -> list[Diagnostic]:
        spec = tmp_path / "mlops.yaml"
        spec.write_text(text)
        return list(analyse(spec).diagnostics)

    return run


@pytest.fixture
def said(diagnosed: Callable[[str], list[Diagnostic]]) -> Callable[..., list[Said]]:
    """What is said about the flights with some fragments exchanged: code, text and help of each diagnostic."""

    def run(**fragments: str) -> list[Said]:
        text = flights(**fragments)
        return [(one.code, pointed_at(text, one.primary.span), one.help or "") for one in diagnosed(text)]

    return run


@pytest.fixture
def written() -> Callable[[str, Span], str]:
    """The text of a span that is in one line."""
    return pointed_at


def flights(**fragments: str) -> str:
    """The flights with these fragments; by default scored in a batch every night."""
    usual = {
        "top": "stack: {alerts: [github-issue]}",
        "source": "data/flights.parquet",
        "delay": "1d",
        "features": "",
        "model": "",
        "deploy": 'batch: {schedule: "0 3 * * *", input: flights, output: predictions.parquet}',
        "rest": "",
    }
    return FLIGHTS.format_map(usual | fragments)


def pointed_at(text: str, span: Span) -> str:
    """The text of a span that is in one line."""
    return text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1]
