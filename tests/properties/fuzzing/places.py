"""Every place of the language where a text may stand, found by walking its schema: a new field is there by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from mlopsc.schema import bundled, resolved

ANY_KEY = "*"
ANY_ITEM = "[]"


@dataclass(frozen=True, slots=True)
class Place:
    """A text of the language: ``("data", "*", "columns", "*", "pattern")``; a ``key`` is the name of an entry."""

    pattern: tuple[str, ...]
    kind: Literal["text", "key"]
    schema: Mapping[str, Any] = field(compare=False)

    def __str__(self) -> str:
        """The place as reports name it."""
        return ".".join(self.pattern) + ("" if self.kind == "text" else " (name)")

    @property
    def noun(self) -> str:
        """What the schema calls it."""
        return str(self.schema.get("x-noun", ""))

    @property
    def example(self) -> str:
        """A text that the schema gives as an example; empty where it has none."""
        return next((one for one in self.schema.get("examples", ()) if isinstance(one, str)), "")


@cache
def places() -> tuple[Place, ...]:
    """Every place, in the order of the schema."""
    return tuple(_below(bundled(), ()))


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema allows; every one where it says nothing."""
    found = schema.get("type", ("string", "number", "boolean", "null", "array", "object"))
    return (found,) if isinstance(found, str) else tuple(found)


def is_free(schema: Mapping[str, Any]) -> bool:
    """Whether a mapping takes any keys with any values, such as the parameters of an estimator."""
    return types_of(schema) == ("object",) and "properties" not in schema and "additionalProperties" not in schema


def _below(schema: Mapping[str, Any], pattern: tuple[str, ...]) -> Iterator[Place]:
    schema = resolved(schema)
    if "string" in types_of(schema) and "enum" not in schema:
        yield Place(pattern, "text", schema)
    for key, below in schema.get("properties", {}).items():
        yield from _below(below, (*pattern, key))
    more = schema.get("additionalProperties")
    if is_free(schema):
        yield Place((*pattern, ANY_KEY), "key", {})
        yield Place((*pattern, ANY_KEY), "text", {})
    elif isinstance(more, Mapping):
        yield Place((*pattern, ANY_KEY), "key", {})
        yield from _below(more, (*pattern, ANY_KEY))
    if isinstance(schema.get("items"), Mapping):
        yield from _below(schema["items"], (*pattern, ANY_ITEM))


def found_at(data: Any, pattern: Sequence[str], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths in ``data`` that match ``pattern``."""
    if not pattern:
        yield path
        return
    head, rest = pattern[0], pattern[1:]
    if head == ANY_ITEM and isinstance(data, list):
        for index, item in enumerate(data):
            yield from found_at(item, rest, (*path, index))
    elif head == ANY_KEY and isinstance(data, dict):
        for key, item in data.items():
            yield from found_at(item, rest, (*path, key))
    elif isinstance(data, dict) and head in data:
        yield from found_at(data[head], rest, (*path, head))
