"""Columns, methods and bounds of monitors, and what becomes of a breach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Say = Callable[..., list[tuple[str, str, str]]]

HEAD = "monitors:\n  one:\n    model: late-arrival\n    schedule: 0 6 * * *\n    window: 7d\n"


@pytest.mark.parametrize(
    ("features", "method", "columns", "expected"),
    [
        ("carrier: {}", "ks", "", [("ks", "use psi or chi2")]),
        ("carrier: {}, distance: {}", "ks", "", []),  # the numbers are compared
        ("distance: {}", "chi2", "columns: all", [("chi2", "use psi or ks")]),
        ("heavy: {}", "chi2", "", []),  # two categories
        ("carrier: {}, distance: {}", "ks", "columns: [carrier]", [("carrier", "use psi or chi2")]),
        ("carrier: {}, distance: {}", "wasserstein", "columns: [distance]", []),
        ("carrier: {}", "js", "", []),
        ("heavy: {}", "chi2", "columns: [heavy]", []),
        ('distance: {sql: "distance +"}', "chi2", "", []),  # its type is not known
    ],
)
def test_method_fits_some_column(
    said: Say, features: str, method: str, columns: str, expected: list[tuple[str, str]]
) -> None:
    """Named columns all have to fit, of all features one."""
    sets = f"features: {{f: {{from: flights, columns: {{{features}}}}}}}"
    rest = f"{HEAD}    kind: data-drift\n    on_breach: [alert]\n    method: {method}\n    {columns}\n"
    found = [one for one in said(features=sets, model="features: [f]", rest=rest) if one[0] != "MLC301"]
    assert found == [("MLC506", text, help_) for text, help_ in expected]


@pytest.mark.parametrize(
    ("features", "column", "expected"),
    [
        ("speed: {sql: distance / 2}", "distance", []),
        ("speed: {sql: distance / 2}", "flight_id", []),
        ("speed: {sql: distance / 2}", "speed", ["speed"]),
        ("speed: {sql: distance / 2}", "carrier", ["carrier"]),
        ("speed: {sql: distance /}", "carrier", []),  # what it reads is not known
    ],
)
def test_data_quality_is_about_raw_columns(said: Say, features: str, column: str, expected: list[str]) -> None:
    """The columns of a request, as the contract of the data names them."""
    sets = f"features: {{f: {{from: flights, columns: {{{features}}}}}}}"
    rest = f"{HEAD}    kind: data-quality\n    on_breach: [alert]\n    columns: [{column}]\n"
    found = [one for one in said(features=sets, model="features: [f]", rest=rest) if one[0] != "MLC301"]
    assert [(code, text) for code, text, _ in found] == [("MLC206", text) for text in expected]


FEATURES = (
    "features: {f: {from: flights, columns: {carrier: {}, speed: {sql: distance / 2}, "
    "usual: {aggregate: avg(distance), by: [carrier], window: 7d}}}}"
)


def batch(redact: str) -> str:
    """A batch whose log leaves some columns out."""
    return f"batch: {{input: flights, output: p.parquet, log_predictions: {{redact: {redact}}}}}"


@pytest.mark.parametrize(
    ("redact", "monitor", "expected"),
    [
        ("[carrier]", "kind: data-drift\n    columns: [carrier]", ["carrier"]),
        ("[distance]", "kind: data-drift\n    columns: [speed, carrier, usual]", ["speed"]),
        ("[distance]", "kind: data-drift", []),
        ("[flight_id]", "kind: performance\n    metric: roc_auc\n    min: 0.7", ["one"]),
        ("[carrier]", "kind: performance\n    metric: roc_auc\n    min: 0.7", []),
        ("[carrier]", "kind: data-quality\n    columns: [carrier]", ["carrier"]),
    ],
)
def test_redacted_columns_cannot_be_watched(said: Say, redact: str, monitor: str, expected: list[str]) -> None:
    """What is named, what it is computed from, and the key; a window over other rows is logged all the same."""
    rest = f"{HEAD}    on_breach: [alert]\n    {monitor}\n"
    found = said(features=FEATURES, model="features: [f]", deploy=batch(redact), rest=rest)
    assert [(code, text) for code, text, _ in found] == [("MLC511", text) for text in expected]


def test_column_that_one_place_logs_can_be_watched(said: Say) -> None:
    """Redacted for the service, kept by the batch."""
    deploy = f"api: {{log_predictions: {{redact: [carrier]}}}}, {batch('[]')}"
    rest = f"{HEAD}    on_breach: [alert]\n    kind: data-drift\n    columns: [carrier]\n"
    top = "stack: {alerts: [github-issue]}\nimages: {registry: ghcr.io/acme}"
    assert said(top=top, features=FEATURES, model="features: [f]", deploy=deploy, rest=rest) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ["on_breach: [alert]; where a report is enough: on_breach: []"]),
        ("on_breach: []", []),
        ("on_breach: retrain", []),
        ("on_breach: 7", []),  # broken, which is said already
    ],
)
def test_breach_that_does_nothing_is_found(said: Say, line: str, expected: list[str]) -> None:
    """Unless it is written that a report is enough."""
    found = [one for one in said(rest=f"{HEAD}    kind: data-drift\n    {line}\n") if one[0] == "MLC512"]
    assert found == [("MLC512", "one", f"tell somebody: {help_}") for help_ in expected]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("kind: data-drift\n    method: ks\n    threshold: 1", ["1"]),
        ("kind: prediction-drift\n    method: js\n    threshold: 1.5", ["1.5"]),
        ("kind: data-drift\n    method: ks\n    threshold: 0.9", []),
        ("kind: data-drift\n    method: psi\n    threshold: 1.5", []),  # which has no upper end
        ("kind: data-drift\n    method: wasserstein\n    threshold: 20\n    columns: [distance]", []),
    ],
)
def test_bound_can_be_reached(said: Say, lines: str, expected: list[str]) -> None:
    """A distance from 0 to 1 is never above 1."""
    found = said(rest=f"{HEAD}    on_breach: [alert]\n    {lines}\n")
    assert [(code, text) for code, text, _ in found] == [("MLC504", text) for text in expected]


def test_share_of_errors_can_be_reached(said: Say) -> None:
    """More than all requests cannot fail."""
    rest = f"{HEAD}    on_breach: [alert]\n    kind: service\n    error_rate: RATE\n"
    top = "stack: {alerts: [github-issue]}\nimages: {registry: ghcr.io/acme}"
    found = said(top=top, deploy="api: {}", rest=rest.replace("RATE", "100%"))
    assert found == [("MLC504", "100%", "write: error_rate: 1%")]
    assert said(top=top, deploy="api: {}", rest=rest.replace("RATE", "99%")) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("metric: roc_auc\n    max: 0.72", [("max", "write: min: 0.72")]),
        ("metric: log_loss\n    min: 0.3", [("min", "write: max: 0.3")]),
        ("metric: roc_auc\n    min: 0.72", []),
        ("metric: roc_auc\n    min: 0.72\n    max: 0.99", []),  # too good to be true is a finding of its own
        ("metric: brier_score\n    max: 0.2", []),
    ],
)
def test_bound_has_the_side_of_its_metric(said: Say, lines: str, expected: list[tuple[str, str]]) -> None:
    """Only a single bound on the wrong side is a mistake."""
    rest = f"{HEAD}    kind: performance\n    on_breach: [alert]\n    {lines}\n"
    assert said(rest=rest) == [("MLC513", text, help_) for text, help_ in expected]
