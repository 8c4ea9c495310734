"""Rollouts, redaction, registries, storage and outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlopsc.diagnostics import Diagnostic

Say = Callable[..., list[tuple[str, str, str]]]

TOP = "stack: {alerts: [github-issue]}\nimages: {registry: ghcr.io/acme}"
HEALTH = (
    "monitors: {health: {model: late-arrival, kind: service, schedule: '*/15 * * * *', error_rate: 1%, "
    "on_breach: [alert]}}"
)


def rollout(text: str) -> str:
    """A service that is rolled out so."""
    return f"api: {{rollout: {text}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{strategy: canary, steps: [10%, 50%], pause: 10m}", []),
        ("{strategy: canary, steps: [0.1, 0.5], pause: 10m}", []),
        ("{strategy: canary, steps: [0%, 50%], pause: 10m}", [("0%", "remove it")]),
        ("{strategy: canary, steps: [10%, 100%], pause: 10m}", [("100%", "remove it")]),
        ("{strategy: canary, steps: [100%], pause: 10m}", [("100%", "write shares in between: steps: [10%, 50%]")]),
        (
            "{strategy: canary, steps: [10%, 50%, 50%, 20%], pause: 10m}",
            [("50%", "write: steps: [10%, 20%, 50%]"), ("20%", "write: steps: [10%, 20%, 50%]")],
        ),
        ("{steps: [10%, 50%]}", [("steps", "write: strategy: canary")]),
        ("{pause: 10m}", [("pause", "write: strategy: canary, and steps: [10%, 50%]")]),
        ("{strategy: replace}", []),
        ("{strategy: canary, steps: [half, 10%, 0%], pause: 10m}", []),  # a broken step is said already
    ],
)
def test_steps_lead_somewhere(said: Say, text: str, expected: list[tuple[str, str]]) -> None:
    """Each share is larger than the one before, and none is nothing or all."""
    found = [one for one in said(top=TOP, deploy=rollout(text), rest=HEALTH) if one[0] not in ("MLC112", "MLC114")]
    assert found == [("MLC610", place, help_) for place, help_ in expected]


def test_certain_mistakes_of_a_rollout_have_a_fix(diagnosed: Callable[[str], list[Diagnostic]]) -> None:
    """A step that is none is removed, and steps get the strategy that takes them."""
    text = (
        "images: {registry: ghcr.io/acme}\ndata: {a: {source: a.csv, columns: {x: float, y: float}}}\n"
        "models: {m: {label: y, train: {estimator: sklearn.linear_model.Ridge}, deploy: {api: {rollout: ROLLOUT}}}}\n"
    )

    def fixes(rollout: str) -> list[tuple[Any, ...]]:
        written = text.replace("ROLLOUT", rollout)
        return [
            (fix.action, written.splitlines()[2][fix.span.column - 1 : fix.span.end_column - 1], fix.key, fix.value)
            for one in diagnosed(written)
            for fix in one.fix
        ]

    assert fixes("{strategy: canary, steps: [10%, 100%], pause: 1m}") == [("remove", "100%", "", None)]
    assert fixes("{steps: [10%]}") == [("add", "{steps: [10%]}", "strategy", "canary")]
    assert fixes("{strategy: canary, steps: [100%], pause: 1m}") == []


@pytest.mark.parametrize(
    ("schedule", "text", "expected"),
    [
        (
            "0 2 * * *",
            "{strategy: canary, steps: [10%, 50%], pause: 12h}",
            [("12h", "pause: 11h; or train less often")],
        ),
        ("0 2 * * *", "{strategy: canary, steps: [10%, 50%], pause: 11h}", []),
        ("0 2 * * 1", "{strategy: canary, steps: [10%, 50%], pause: 1d}", []),
        ("0 25 * * *", "{strategy: canary, steps: [10%, 50%], pause: 9w}", []),
    ],
)
def test_rollout_is_over_before_the_next_training(
    said: Say, schedule: str, text: str, expected: list[tuple[str, str]]
) -> None:
    """All steps together, against the shortest time between two trainings."""
    model = f'retrain: {{schedule: "{schedule}"}}'
    found = [one for one in said(top=TOP, model=model, deploy=rollout(text), rest=HEALTH) if one[0] != "MLC601"]
    assert [(code, place) for code, place, _ in found] == [("MLC611", place) for place, _ in expected]
    assert all(help_.endswith(end) for (_, _, help_), (_, end) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("pause", "rest", "expected"),
    [
        (", pause: 10m", HEALTH, []),
        (", pause: 10m", "", ["canary"]),
        (", pause: 10m", HEALTH.replace("service", "data-drift").replace("error_rate: 1%", "window: 1d"), ["canary"]),
        ("", HEALTH, ["steps"]),
        (", pause: ever", HEALTH, []),
        (", pause: 10m", "monitors: {health: {model: late-arrival, kind: service}}", []),  # broken: no schedule
    ],
)
def test_canary_is_watched(said: Say, pause: str, rest: str, expected: list[str]) -> None:
    """By a monitor of its service and for some time; nothing is concluded from what is broken."""
    found = said(top=TOP, deploy=rollout(f"{{strategy: canary, steps: [10%]{pause}}}"), rest=rest)
    assert [text for code, text, _ in found if code == "MLC612"] == expected


FEATURES = (
    "features: {f: {from: flights, columns: {carrier: {}, speed: {sql: distance / 2}, "
    "usual: {aggregate: avg(distance), by: [carrier], window: 7d}}}}"
)


@pytest.mark.parametrize(
    ("redact", "expected"),
    [
        ("carrier", []),
        ("distance", []),
        ("flight_id", []),
        ("speed", [("speed", "redact what it is computed from: redact: [distance]")]),
        ("usual", [("usual", "leave it out; a feature over other rows cannot be redacted")]),
    ],
)
def test_redaction_hides_something(said: Say, redact: str, expected: list[tuple[str, str]]) -> None:
    """Raw columns of the request can be left out, features cannot by their own name."""
    deploy = f"batch: {{input: flights, output: p.parquet, log_predictions: {{redact: [{redact}]}}}}"
    found = said(features=FEATURES, model="features: [f]", deploy=deploy)
    assert found == [("MLC613", place, help_) for place, help_ in expected]


@pytest.mark.parametrize(
    ("registry", "help_", "fixed"),
    [
        ("ghcr.io/acme", None, None),
        ("ghcr.io/acme/", None, None),
        ("localhost:5000/team", None, None),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml__x", None, None),
        ("https://ghcr.io/acme", "write: registry: ghcr.io/acme", "ghcr.io/acme"),
        ("ghcr.io/Acme", "write: registry: ghcr.io/acme", "ghcr.io/acme"),
        ("acme", "such as: registry: ghcr.io/your-organisation", None),
        ("ghcr.io/acme:latest", "such as: registry: ghcr.io/your-organisation", None),
        ("ghcr.io/a b", "such as: registry: ghcr.io/your-organisation", None),
        ("ghcr.io//acme", "such as: registry: ghcr.io/your-organisation", None),
        ("a" * 40 + "!/acme", "such as: registry: ghcr.io/your-organisation", None),
        ("ghcr.io", "such as: registry: ghcr.io/your-organisation", None),
        ("https://", "such as: registry: ghcr.io/your-organisation", None),
        ("7", None, None),
    ],
)
def test_registry_is_one_for_docker(
    diagnosed: Callable[[str], list[Diagnostic]], registry: str, help_: str | None, fixed: str | None
) -> None:
    """A host and folders in small letters; a number is refused by its type."""
    quoted = registry if registry == "7" else f'"{registry}"'
    text = (
        f"images: {{registry: {quoted}}}\ndata: {{a: {{source: a.csv, columns: {{x: float, y: float}}}}}}\n"
        "models: {m: {label: y, train: {estimator: sklearn.linear_model.Ridge}}}\n"
    )
    found = [one for one in diagnosed(text) if one.code == "MLC614"]
    assert [(one.help, one.primary.span.column) for one in found] == ([(help_, 20)] if help_ else [])
    assert [edit.value for one in found for edit in one.fix] == ([fixed] if fixed else [])


@pytest.mark.parametrize(
    ("storage", "help_"),
    [
        ("s3://acme-ml/x", None),
        ("{url: 'gs://acme-ml/x'}", None),
        ("oci://ghcr.io/acme/x", None),
        ("s3a://acme-ml/x", "write: s3://acme-ml/x"),
        ("S3://acme-ml/x", "write: s3://acme-ml/x"),
        ("{url: 'abfss://c/x'}", "write: abfs://c/x"),
        ("ftp://acme/x", "what works: a folder, s3, gs, gcs, az, abfs, oci, oci+http, file"),
        ("s3://", "such as: s3://your-bucket/this-project"),
        ("oci://ghcr.io", "write: oci://ghcr.io/your-organisation/late-arrival"),
    ],
)
def test_storage_is_one_that_opens(said: Say, storage: str, help_: str | None) -> None:
    """A scheme of the generated requirements, and a place in it; the same in both ways of writing it."""
    found = said(top=f"storage: {storage}")
    place = storage.partition("'")[2].partition("'")[0] if "'" in storage else storage
    quoted = f"'{place}'" if "'" in storage else place
    assert found == ([("MLC615", quoted, help_)] if help_ else [])


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("predictions.parquet", []),
        ("data/flights.parquet", ["data/flights.parquet"]),
        ("./data/../data/flights.parquet", None),
    ],
)
def test_batch_writes_over_no_dataset(said: Say, output: str, expected: list[str] | None) -> None:
    """However the same path is written."""
    found = said(deploy=f"batch: {{input: flights, output: {output}}}")
    assert [text for code, text, _ in found if code == "MLC620"] == ([output] if expected is None else expected)


def test_batches_write_files_of_their_own(said: Say) -> None:
    """Two models with one output: the second is told, and the first is related."""
    second = (
        "  second: {label: heavy, train: {estimator: sklearn.ensemble.RandomForestClassifier}, "
        "deploy: {batch: {input: flights, output: predictions.parquet}}}"
    )
    assert said(rest=second) == [
        ("MLC620", "predictions.parquet", "give each its own: output: predictions/second.parquet")
    ]


def test_scheme_of_another_tool_has_a_fix(diagnosed: Callable[[str], list[Diagnostic]]) -> None:
    """Where it is certain that the same bucket is meant, and not where the address may differ."""
    text = (
        "storage: SCHEME://acme-ml/x\ndata: {a: {source: a.csv, columns: {x: float, y: float}}}\n"
        "models: {m: {label: y, train: {estimator: sklearn.linear_model.Ridge}}}\n"
    )
    values = {
        scheme: [edit.value for one in diagnosed(text.replace("SCHEME", scheme)) for edit in one.fix]
        for scheme in ("s3a", "GS", "abfss")
    }
    assert values == {"s3a": ["s3://acme-ml/x"], "GS": ["gs://acme-ml/x"], "abfss": []}
