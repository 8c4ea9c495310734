"""The model's input: the same numbers for a table and for one request."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib import import_module
from typing import Any

import numpy as np

RUNTIME = "mlopsc.templates.python.mlops.runtime"
encode = import_module(f"{RUNTIME}.train.encode")
config_of = import_module(f"{RUNTIME}.core.config")


def feature(name: str, role: str = "numeric") -> Any:
    """A feature as the compiler describes it."""
    return config_of.Feature(name=name, module="m", kind="column", dtype="string", role=role, columns=[name])


ISLANDS = np.ma.array(
    np.array(["Torgersen", "Biscoe", "Dream", "Biscoe", None], dtype=object), mask=[False, False, False, False, True]
)


def test_categories_are_coded_in_sorted_order() -> None:
    """The order of the rows does not matter; missing is NaN, unseen is -1."""
    encoder = encode.Encoder.learn([feature("island", "categorical")], {"island": ISLANDS})
    matrix = encoder.matrix({"island": ISLANDS})
    assert encoder.to_json() == {"order": ["island"], "categories": {"island": ["Biscoe", "Dream", "Torgersen"]}}
    np.testing.assert_array_equal(matrix[:, 0], [2.0, 0.0, 1.0, 0.0, np.nan])
    assert encoder.row({"island": "Anvers"}).tolist() == [[-1.0]]
    assert np.isnan(encoder.row({"island": None})[0, 0])


def test_encoder_survives_its_json() -> None:
    """What is stored beside a model reads back as the same encoder."""
    encoder = encode.Encoder.learn([feature("island", "categorical"), feature("year")], {"island": ISLANDS})
    assert encode.Encoder.from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


def test_numbers_times_and_booleans_become_floats() -> None:
    """A column and single values give the same numbers: epoch seconds, 0 and 1, NaN."""
    moments = np.array(["2013-07-04T13:30:00", "NaT"], dtype="datetime64[us]")
    np.testing.assert_array_equal(encode.numbers(moments), [1372944600.0, np.nan])
    assert encode.number(datetime(2013, 7, 4, 13, 30)) == 1372944600.0  # noqa: DTZ001
    assert encode.number(date(2013, 7, 4)) == 1372896000.0
    np.testing.assert_array_equal(encode.numbers(np.array([True, False])), [1.0, 0.0])
    masked = np.ma.array([3, 4], mask=[False, True])
    np.testing.assert_array_equal(encode.numbers(masked), [3.0, np.nan])


def test_category_text_is_the_same_for_numpy_and_json_values() -> None:
    """An integer column of a table and a number in a request name the same category."""
    assert encode.category(np.float64(3.0)) == encode.category(3) == encode.category(np.int64(3)) == "3"
    assert encode.category(np.bool_(True)) == encode.category(True) == "true"
    assert encode.category(float("nan")) is None


def test_single_rows_equal_the_matrix(trained_flights: Any) -> None:
    """A thousand real flights, row by row and all at once."""
    frames = import_module(f"{RUNTIME}.train.frames")
    scorer = import_module(f"{RUNTIME}.train.scorer")
    card = scorer.Card.read(trained_flights.work / "train" / "model.json")
    columns = frames.read_columns(trained_flights.work / "split" / "test.parquet", card.encoder.names)
    first = {name: values[:1000] for name, values in columns.items()}
    matrix = card.encoder.matrix(first)
    lists = {name: values.tolist() for name, values in first.items()}
    rows = [card.encoder.row({name: lists[name][i] for name in lists}) for i in range(1000)]
    np.testing.assert_array_equal(np.vstack(rows), matrix)
