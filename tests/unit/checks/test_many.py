"""Many mistakes at once are all found in one run, and none of them hides or repeats another."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc.phases import analyse

ELEVEN = """\
version: 1
project: {name: Flight Delays}
stack: {alerts: []}
data:
  flights:
    source: /data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string
      scheduled_departure: timestamp
      carrier: {type: string, max_distinct: 30}
      distance: {type: float, minimum: 0}
      arr_delay: {type: float, nullable: true, available_after: 1d}
features:
  flight_features:
    from: flights
    columns:
      carrier: {}
      far: {sql: "distanc > 1500"}
      usual: {aggregate: avg(arr_delay), by: [carrier], window: 7d, lag: 2h}
models:
  late-arrival:
    features: [flight_features]
    label: {sql: "arr_delay > 15", nulls: skip}
    train:
      estimator: sklearn.ensemble.HistGradientBoostingClasifier
    evaluate: {metrics: [roc_auc]}
    gates:
      - {metric: average_precision, min: 0.5}
    deploy:
      batch: {schedule: "0 3 * *", input: flights, output: predictions.parquet}
monitors:
  drift:
    model: late-arrivals
    kind: data-drift
    schedule: "0 6 * * *"
    on_breach: [alert]
"""


def found(text: str, folder: Path) -> list[tuple[str, int, int]]:
    """Code, line and column of everything that a check finds."""
    spec = folder / "mlops.yaml"
    spec.write_text(text)
    return [(d.code, d.primary.span.line, d.primary.span.column) for d in analyse(spec).diagnostics]


def test_eleven_mistakes_are_eleven_diagnostics(tmp_path: Path) -> None:
    """Structural and semantic ones, each at its place, with help, and no follow-on."""
    assert found(ELEVEN, tmp_path) == [
        ("MLC606", 2, 17),
        ("MLC605", 6, 13),
        ("MLC110", 13, 31),
        ("MLC203", 20, 19),
        ("MLC309", 21, 74),
        ("MLC113", 25, 43),
        ("MLC403", 27, 18),
        ("MLC402", 30, 18),
        ("MLC601", 32, 25),
        ("MLC204", 35, 12),
        ("MLC503", 38, 17),
    ]
    assert all(diagnostic.help for diagnostic in analyse(tmp_path / "mlops.yaml").diagnostics)


FIRST = """\
version: 1
data:
  flights:
    source: data/flights.parquet
    columns: {carrier: string, distance: float, late: boolean}
models:
  late-arrival:
    label: late
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("label: late", "label: lat", [("MLC203", 8, 12)]),
        ("source: data/flights.parquet", "sources: data/flights.parquet", [("MLC110", 4, 5)]),
        ("late: boolean", "late: bool", [("MLC114", 5, 55)]),
        ("train: {estimator: sklearn.ensemble.RandomForestClassifier}", "train: {}", [("MLC111", 9, 5)]),
        ("  flights:", "  flight s:", [("MLC606", 3, 3)]),
    ],
    ids=["label", "source", "type", "train", "name"],
)
def test_one_mistake_is_one_diagnostic(
    before: str, after: str, expected: list[tuple[str, int, int]], tmp_path: Path
) -> None:
    """What depends on a broken definition is not said to be broken too."""
    assert before in FIRST
    assert found(FIRST.replace(before, after), tmp_path) == expected


SILENT = (
    "description: postgresql://reader:${PASSWORD}@warehouse/db",
    "description: 'digest sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
    "description: https://github.com/Example-Organisation/Repository-Name2/blob/main/README.md",
    "owner: Data-Platform-Team-Of-The-Company-2013",
)


@pytest.mark.parametrize("line", SILENT)
def test_what_is_no_secret_is_not_called_one(line: str, tmp_path: Path) -> None:
    """Digests, URLs and long names stand in specs too."""
    secrets = "secrets: [PASSWORD]\n" if "${PASSWORD}" in line else ""
    text = f"{secrets}project:\n  name: flights\n  {line}\n{FIRST.removeprefix('version: 1')}"
    assert found(f"version: 1\n{text}", tmp_path) == []


LOUD = (
    "description: postgresql://reader:s3cr3t@warehouse/db",
    "description: AKIAIOSFODNN7EXAMPLE",
    "description: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'",
    "description: 'xoxb-123456789012-abcdefghijkl'",
    "description: 'k9Xv2LqP7sT4wZ8yB3nM6cR1dF5gH0jK'",
)


@pytest.mark.parametrize("line", LOUD)
def test_a_secret_is_found_and_not_repeated(line: str, tmp_path: Path) -> None:
    """The message names the kind of secret and never the secret."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(f"version: 1\nproject:\n  name: flights\n  {line}\n{FIRST.removeprefix('version: 1')}")
    (diagnostic,) = analyse(spec).diagnostics
    assert (diagnostic.code, diagnostic.primary.span.line) == ("MLC603", 4)
    assert line.partition(": ")[2].strip("'") not in diagnostic.message


@pytest.mark.parametrize("example", ["diabetes", "flight-delays", "own-training", "penguins"])
def test_example_has_no_problem(example: str, repository: Path) -> None:
    """Not even a warning."""
    assert analyse(repository / "examples" / example / "mlops.yaml").diagnostics == ()


def test_reference_spec_has_no_problem(tmp_path: Path, repository: Path) -> None:
    """Everything that the language can say, said once, is fine."""
    fixture = repository / "tests" / "fixtures" / "flight-delays.mlops.yaml"
    assert found(fixture.read_text(), tmp_path) == []
