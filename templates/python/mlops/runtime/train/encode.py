"""Features become one float64 matrix: the same numbers for a whole table and for one request, without pandas."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.config import Feature

Floats = npt.NDArray[np.float64]

UNSEEN = -1.0
"""The code of a category that no training row had; a missing value is NaN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """The order of the features and, for each categorical one, its categories: a category's place is its code."""

    names: tuple[str, ...]
    vocabulary: dict[str, dict[str, int]]
    hashed: frozenset[str] = frozenset()  # personal features: their vocabulary has hashes of their categories

    @classmethod
    def learn(
        cls, features: Sequence[Feature], columns: Mapping[str, Any], hashed: frozenset[str] = frozenset()
    ) -> Encoder:
        """The encoder of the training rows; categories are sorted, so that the order of the rows does not matter."""
        vocabulary = {}
        for feature in features:
            if feature.role == "categorical":
                found = {category(value) for value in columns[feature.name].tolist()}
                words = (word for word in found if word is not None)
                vocabulary[feature.name] = _codes(sorted(map(digest, words) if feature.name in hashed else words))
        return cls(names=tuple(feature.name for feature in features), vocabulary=vocabulary, hashed=hashed)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Encoder:
        """The encoder that ``to_json`` described."""
        vocabulary = {
            name: {word: code for code, word in enumerate(words)} for name, words in data["categories"].items()
        }
        return cls(names=tuple(data["order"]), vocabulary=vocabulary, hashed=frozenset(data.get("hashed", ())))

    def to_json(self) -> dict[str, Any]:
        """The order of the features and the categories by name, in the order of their codes."""
        categories = {name: list(words) for name, words in self.vocabulary.items()}
        hashed = {"hashed": sorted(self.hashed)} if self.hashed else {}
        return {"order": list(self.names), "categories": categories, **hashed}

    def matrix(self, columns: Mapping[str, Any]) -> Floats:
        """The input of the model, [rows, features], from NumPy columns (masked where null) by name."""
        encoded = [self._column(name, columns[name]) for name in self.names]
        return np.column_stack(encoded) if encoded else np.empty((0, 0))

    def row(self, values: Mapping[str, Any]) -> Floats:
        """The input of the model, [1, features], from the features of one request."""
        return np.array([[self._value(name, values[name]) for name in self.names]], dtype=np.float64)

    def _value(self, name: str, value: Any) -> float:
        codes = self.vocabulary.get(name)
        if codes is None:
            return number(value)
        word = category(value)
        if word is not None and name in self.hashed:
            word = digest(word)
        return math.nan if word is None else float(codes.get(word, UNSEEN))

    def _column(self, name: str, values: Any) -> Floats:
        codes = self.vocabulary.get(name)
        if codes is None:
            return numbers(values)
        known: dict[Any, float] = {word: float(code) for word, code in codes.items()} | {None: math.nan}
        words = values.tolist() if values.dtype == object else map(category, values.tolist())
        if name in self.hashed:
            words = (None if word is None else digest(word) for word in map(category, values.tolist()))
        return np.array([known.get(word, UNSEEN) for word in words], dtype=np.float64)


def _codes(words: Sequence[str]) -> dict[str, int]:
    return {word: code for code, word in enumerate(words)}


def digest(word: str) -> str:
    """What stands for a category of a personal feature: nobody reads it, though who knows a value can look for it."""
    return hashlib.sha256(word.encode()).hexdigest()[:16]


def category(value: Any) -> str | None:
    """A categorical value as the text that stands in the vocabulary; None when it is missing."""
    if value is None or value is np.ma.masked:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value)


def number(value: Any) -> float:
    """A value as the model sees it: NaN when missing, 0 or 1 for a boolean, epoch seconds for a time."""
    if value is None:
        return math.nan
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value)


def numbers(values: Any) -> Floats:
    """A NumPy column as the model sees it; see ``number``."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if plain.dtype.kind == "M":
        mask = mask | np.isnat(plain)
        plain = plain.astype("datetime64[us]").astype(np.int64) / 1e6
    result: Floats = np.where(mask, np.nan, np.where(mask, 0, plain)).astype(np.float64)
    return result
