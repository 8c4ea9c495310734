"""Hypothesis strategies for values, read from the schema: what it allows, and now and then what it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from mlopsc.schema import bundled, resolved

from . import documents, hostile
from .places import is_free, types_of

Schema = Mapping[str, Any]
DEEPEST = 3
"""Below how many levels only required keys are drawn."""

PRINTED = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf"))
TEXTS = st.one_of(
    st.sampled_from(hostile.FRAGMENTS),
    st.text(PRINTED, max_size=12),
    st.text(max_size=6),
    st.sampled_from((hostile.CARRIED, hostile.COMBINED)),
)
NUMBERS = st.one_of(
    st.integers(-3, 400), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from((0, 0.5, 1))
)
ANYTHING = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def value(schema: Schema, names: tuple[str, ...], depth: int = 0) -> st.SearchStrategy[Any]:
    """A value that the schema mostly allows; ``names`` are those that the spec defines, to refer to."""
    schema = resolved(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    examples = [one for one in schema.get("examples", ()) if not isinstance(one, dict | list)]
    kinds = [_kind(kind, schema, names, depth) for kind in types_of(schema)]
    return st.one_of(*kinds, *([st.sampled_from(examples)] * 2 if examples else []))


def _kind(kind: str, schema: Schema, names: tuple[str, ...], depth: int) -> st.SearchStrategy[Any]:
    if kind == "string":
        return _text(schema, names)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if kind == "array":
        items = value(schema.get("items", {}), names, depth + 1)
        return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", 3))
    return mapping(schema, names, depth)


def _text(schema: Schema, names: tuple[str, ...]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return _matching(schema["pattern"])
    if names and "name" in str(schema.get("x-noun", "")):
        return st.one_of(st.sampled_from(names), st.sampled_from(names), TEXTS)
    if schema.get("x-noun") == "SQL text":
        return st.one_of(_sql(names), TEXTS)
    return TEXTS


@cache
def _matching(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=False)


def _sql(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions over names that may be columns."""
    forms: tuple[str, ...] = (
        "{0} > {1}",
        "case when {0} is null then {1} else {1} end",
        "coalesce({0}, {1})",
        "avg({0})",
        "upper({0})",
    )
    forms += (
        "upper({0})",
        "{0} = 'x'",
        "extract(hour from {0})",
        "{0} + {1} * 2",
        "{0} in ('a', 'b')",
        "select * from {0}",
        "{0}",
    )
    name = st.sampled_from(names) if names else TEXTS
    quoted = st.one_of(name, name.map(lambda text: '"' + text.replace('"', '""') + '"'))
    return st.builds(lambda form, one, other: str(form.format(one, other)), st.sampled_from(forms), quoted, quoted)


def _number(schema: Schema, *, whole: bool) -> st.SearchStrategy[float]:
    low, high = schema.get("minimum", -1000), schema.get("maximum", 100_000)
    if whole:
        return st.integers(int(low), int(high))
    return st.one_of(st.integers(int(low), int(high)), st.floats(low, high), NUMBERS)


def mapping(schema: Schema, names: tuple[str, ...], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with its required keys, and some of the others."""
    if is_free(schema):
        return st.dictionaries(st.one_of(TEXTS, st.sampled_from(("max_iter", "C"))), ANYTHING, max_size=2)
    known = schema.get("properties", {})
    wanted = schema.get("required", ())
    required = {key: _later(known[key], names, depth) for key in wanted}
    optional = {key: _later(known[key], names, depth) for key in known if key not in required and depth < DEEPEST}
    fixed = st.fixed_dictionaries(required, optional=optional) if known else st.just({})
    more = schema.get("additionalProperties")
    if not isinstance(more, Mapping):
        return fixed
    keys = st.one_of(*([st.sampled_from(names)] if names else []), st.from_regex(r"[a-z][a-z_]{2,8}", fullmatch=True))
    return st.dictionaries(keys, _later(more, names, depth), min_size=schema.get("minProperties", 0), max_size=2)


def _later(schema: Schema, names: tuple[str, ...], depth: int) -> st.SearchStrategy[Any]:
    """The strategy of a part, made only where it is drawn: most are not."""
    return st.deferred(lambda: value(schema, names, depth + 1))


def names_in(data: Any) -> tuple[str, ...]:
    """Every word that the document defines or refers to."""
    found: dict[str, None] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            found.update(dict.fromkeys(part))
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            for item in part:
                walk(item)
        elif isinstance(part, str) and len(part) < 30:
            found[part] = None

    walk(data)
    return tuple(found)


def positions(data: Any, schema: Schema, path: documents.Path_ = ()) -> Sequence[tuple[documents.Path_, Schema]]:
    """Every place of the document that the schema knows, what is there and what could be."""
    schema = resolved(schema)
    found: list[tuple[documents.Path_, Schema]] = [(path, schema)] if path else []
    if isinstance(data, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        for key, below in known.items():
            found += positions(data[key], below, (*path, key)) if key in data else [((*path, key), below)]
        if isinstance(more, Mapping):
            for key, item in data.items():
                if key not in known:
                    found += positions(item, more, (*path, key))
    elif isinstance(data, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(data):
            found += positions(item, schema["items"], (*path, index))
    return found


@cache
def positions_of(base: str) -> tuple[tuple[documents.Path_, Schema], ...]:
    """The places of one of the bases."""
    return tuple(positions(documents.bases()[base], bundled()))
