"""One clear diagnostic for every mistake in the shape of a spec, and what may still be built from it."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlopsc import structure
from mlopsc.diagnostics import Diagnostic
from mlopsc.loader import load, load_text
from mlopsc.model.build import build
from mlopsc.model.values import Invalid, is_valid

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    columns:
      carrier: string
      distance: {type: float, min: 0}
models:
  late:
    label: carrier
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def shape(text: str) -> structure.Structure:
    """The structure of a spec in memory."""
    loaded = load_text(text, "mlops.yaml")
    assert loaded.data is not None
    return structure.check(loaded.data, loaded.sources)


def said(found: Diagnostic) -> tuple[str, int, int, str, str | None]:
    """All that a person sees of a diagnostic, but for its labels."""
    return found.code, found.primary.span.line, found.primary.span.column, found.message, found.help


def test_structure_accepts_the_reference(repository: Path) -> None:
    """The whole reference spec has the shape of the language, and comes back as it is."""
    loaded = load(repository / "tests" / "fixtures" / "flight-delays.mlops.yaml")
    assert loaded.data is not None
    found = structure.check(loaded.data, loaded.sources)
    assert (found.diagnostics, found.invalid, found.data) == ((), frozenset(), loaded.data)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "    columns:",
            "    colums:",
            ("MLC110", 4, 5, "unknown key 'colums' in dataset 'flights'", "did you mean 'columns'?"),
        ),
        (
            "{type: float, min: 0}",
            "{type: float, zzz: 0}",
            (
                "MLC110",
                6,
                31,
                "unknown key 'zzz' in column 'distance'",
                (
                    "a column takes: type, nullable, unique, min, max, allowed, pattern, min_length, max_length, "
                    "min_distinct, max_distinct, references, warn, known_at, available_after, pii, description"
                ),
            ),
        ),
        (
            "    label: carrier\n",
            "",
            ("MLC111", 8, 3, "model 'late' has no 'label'", "add `label: species`"),
        ),
        (
            "{estimator: sklearn.ensemble.RandomForestClassifier}",
            "{seed: 1}",
            (
                "MLC111",
                10,
                5,
                "'train' has no 'estimator' or 'entrypoint'",
                "add `estimator: sklearn.ensemble.HistGradientBoostingClassifier`",
            ),
        ),
        (
            "min: 0",
            'min: "0"',
            ("MLC112", 6, 36, "'min' takes a number, found the text '0'", "remove the quotes: 0"),
        ),
        (
            "label: carrier",
            "label: [carrier]",
            ("MLC112", 9, 5, "'label' takes text or a mapping, found a list", "for example: `label: species`"),
        ),
        (
            "label: carrier",
            "owner: 5\n    label: carrier",
            ("MLC112", 9, 12, "'owner' takes text, found the number 5", 'put it in quotes: "5"'),
        ),
        (
            "label: carrier",
            "owner:\n    label: carrier",
            ("MLC112", 9, 5, "'owner' takes text, found nothing", "write a value after 'owner:', or remove the key"),
        ),
        (
            "min: 0",
            "nullable: no",
            ("MLC112", 6, 41, "'nullable' takes true or false, found the text 'no'", "write false"),
        ),
        (
            "label: carrier",
            "label: {sql: carrier, nulls: drp}",
            ("MLC113", 9, 34, "'nulls' cannot be 'drp'", "did you mean 'drop'? It takes drop or error"),
        ),
        (
            "carrier: string",
            "carrier: int?",
            (
                "MLC114",
                5,
                16,
                "'int?' is not a column type",
                "did you mean 'integer?'? The types are string, integer, float, boolean, timestamp or date",
            ),
        ),
        (
            "data/flights.parquet",
            "data/flights.txt",
            (
                "MLC114",
                3,
                13,
                "the ending of 'data/flights.txt' does not tell what it is",
                "say the kind: `source: {kind: csv, path: data/flights.txt}`",
            ),
        ),
        (
            "label: carrier",
            "label: carrier\n    split: {test: 15 %}",
            ("MLC114", 10, 19, "'15 %' is not a share", "write it as 15%"),
        ),
        (
            "label: carrier",
            "label: carrier\n    split: {test: 1.5}",
            ("MLC115", 10, 19, "'test' is 1.5, but 1 is the most", "write 1 or less"),
        ),
        (
            "label: carrier",
            "label: carrier\n    split: {by: time, stratify: true}",
            (
                "MLC116",
                10,
                23,
                "'stratify' does not go with 'by: time' in 'split'",
                "'by: time' goes with validation and test",
            ),
        ),
        (
            "label: carrier",
            "label: carrier\n    gates: [{model_size: 5MB, min: 3}]",
            ("MLC116", 10, 31, "'min' does not go with 'model_size' in gate 1", "'model_size' stands alone"),
        ),
        (
            "label: carrier",
            "label: carrier\n    gates: [{min: 3}]",
            ("MLC111", 10, 13, "gate 1 has no 'metric', 'latency_p95' or 'model_size'", "add `metric: roc_auc`"),
        ),
        (
            "label: carrier",
            "label: carrier\n    evaluate: {slices: [carrier, carrier]}",
            ("MLC117", 10, 34, "'carrier' stands twice in 'slices'", "remove one of them"),
        ),
    ],
)
def test_structure_says_each_mistake_once(old: str, new: str, expected: tuple[str, int, int, str, str]) -> None:
    """One mistake, one diagnostic: at its place, in words of the language, with what mends it."""
    assert old in SPEC
    assert [said(found) for found in shape(SPEC.replace(old, new)).diagnostics] == [expected]


def test_structure_needs_data_and_models() -> None:
    """A spec without its two required sections says both."""
    assert [found.message for found in shape("version: 1\n").diagnostics] == [
        "the spec has no 'data'",
        "the spec has no 'models'",
    ]


def test_structure_goes_on_as_if_a_mistyped_key_were_right() -> None:
    """Below a mistyped key everything is checked, and positions are those of the text."""
    found = shape(SPEC.replace("    columns:", "    colums:").replace("type: float", "tpye: flat"))
    assert [(one.code, one.primary.span.line, one.primary.span.column) for one in found.diagnostics] == [
        ("MLC110", 4, 5),
        ("MLC110", 6, 18),
    ]
    assert found.sources.span(("data", "flights", "columns", "carrier")).line == 5
    spec = build(found.data, found.invalid)
    assert list(spec.data["flights"].columns) == ["carrier", "distance"]  # type: ignore[union-attr]


def test_structure_leaves_the_valid_parts_of_a_model() -> None:
    """An invalid optional value falls back to its default; an invalid required part is a placeholder by itself."""
    text = SPEC.replace("label: carrier", "label: 5\n    split: {validation: 20%, test: x}\n    gates: [{min: 1}]")
    found = shape(text)
    model = build(found.data, found.invalid).models["late"]
    assert is_valid(model)
    assert model.label == Invalid(path=("models", "late", "label"))
    assert is_valid(model.split)
    assert (model.split.validation, model.split.test) == (0.2, 0.15)
    assert model.gates == (Invalid(path=("models", "late", "gates", 0)),)
    assert is_valid(model.train)


def test_structure_survives_any_shape(repository: Path) -> None:
    """Whatever stands anywhere in the reference: diagnostics with help, and a spec that can be built."""
    loaded = load(repository / "tests" / "fixtures" / "flight-delays.mlops.yaml")
    assert loaded.data is not None
    places = list(_places(loaded.data, ()))
    values: list[Any] = [None, True, 5, -1, 1.5, "x", "", [], {}, ["a", 5], {"a": 1}, [{}], {"kind": "sql"}, [[1]]]
    chance = random.Random(5)  # noqa: S311  (reproducible, not secret)
    for _ in range(60):
        data = copy.deepcopy(loaded.data)
        path = chance.choice(places)
        _put(data, path, chance.choice(values))
        found = structure.check(data, loaded.sources)
        assert all(one.help for one in found.diagnostics)
        assert build(found.data, found.invalid).project.python == "3.11"


def _places(data: object, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    items: list[tuple[str | int, object]] = []
    if isinstance(data, Mapping):
        items = list(data.items())
    elif isinstance(data, list):
        items = list(enumerate(data))
    return [place for key, value in items for place in ((*path, key), *_places(value, (*path, key)))]


def _put(data: Any, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value
