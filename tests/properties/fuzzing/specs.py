"""Hypothesis strategies for whole specs: valid ones with arbitrary values, broken ones, and texts that are neither."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from . import documents, hostile, values

_YAMLISH: tuple[str, ...] = (
    "a",
    "b: ",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!!x ",
    "|\n",
    ">\n",
)
_YAMLISH += (
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "~",
    "<<: ",
    "1",
    "é",
    "\u2028",
    "\x85",
    "\ufeff",
    "\\",
    "data:\n",
    "models:\n",
)


def texts() -> st.SearchStrategy[bytes]:
    """Arbitrary text, most of it from the characters that mean something to YAML."""
    pieces = st.lists(st.one_of(st.sampled_from(_YAMLISH), st.text(max_size=3)), max_size=30).map("".join)
    return pieces.map(lambda text: text.encode("utf-8", "surrogatepass"))


def raw() -> st.SearchStrategy[bytes]:
    """Arbitrary bytes."""
    return st.binary(max_size=200)


@st.composite
def valid(draw: st.DrawFn) -> bytes:
    """A spec that checks, with a few of its values replaced by others that the schema allows there."""
    base = draw(st.sampled_from(sorted(documents.bases())))
    data: Any = documents.bases()[base]
    names = values.names_in(data)
    for _ in range(draw(st.integers(0, 4))):
        path, schema = draw(st.sampled_from(values.positions_of(base)))
        if _reaches(data, path):
            data = documents.with_value(data, path, draw(values.value(schema, names)))
    if draw(st.booleans()):
        old = draw(st.sampled_from(sorted(names)))
        data = documents.renamed(data, old, draw(values.TEXTS))
    return _written(draw, data)


@st.composite
def schema_only(draw: st.DrawFn) -> bytes:
    """A spec drawn from the schema alone, over few names."""
    from mlopsc.schema import bundled  # noqa: PLC0415  (as above)

    names = ("flights", "carrier", "delay", "late", "hour")
    return _written(draw, draw(values.mapping(bundled(), names, 0)))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """The text or the data of a spec that checks, broken in a few places."""
    base = draw(st.sampled_from(sorted(documents.bases())))
    rng = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311  (no secret)
    if draw(st.booleans()):
        text = documents.texts()[base]
        for _ in range(draw(st.integers(1, 4))):
            text = draw(st.sampled_from(_TEXT_CHANGES))(text, rng)
        return text.encode("utf-8", "surrogatepass")
    data: Any = documents.bases()[base]
    for _ in range(draw(st.integers(1, 4))):
        data = draw(st.sampled_from(_DATA_CHANGES))(data, rng)
    return _written(draw, data)


def _written(draw: st.DrawFn, data: Any) -> bytes:
    """The data as JSON or as block YAML."""
    text = documents.as_yaml(data) if draw(st.booleans()) else documents.as_block(data)
    return text.encode("utf-8", "surrogatepass")


def _reaches(data: Any, path: documents.Path_) -> bool:
    """Whether the parent of ``path`` is still what it was."""
    try:
        data = documents.value_at(data, path[:-1])
    except (KeyError, IndexError, TypeError):
        return False
    return isinstance(data, dict) if isinstance(path[-1], str) else isinstance(data, list)


def _cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _without_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def _line_twice(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return "".join(lines)


def _swapped_lines(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _inserted(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(hostile.FRAGMENTS + _YAMLISH) + text[at:]


def _without_some(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.randrange(1, 6) :]


def _indented(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = rng.randrange(len(lines))
    lines[at] = rng.choice(("  ", "\t", " ", "- ")) + lines[at]
    return "".join(lines)


_TEXT_CHANGES = (_cut, _without_line, _line_twice, _swapped_lines, _inserted, _without_some, _indented)


def _paths(data: Any, path: documents.Path_ = ()) -> list[documents.Path_]:
    found = [path] if path else []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        found += _paths(item, (*path, key))
    return found


def _somewhere(data: Any, rng: random.Random) -> documents.Path_:
    paths = _paths(data)
    return rng.choice(paths) if paths else ()


def _removed(data: Any, rng: random.Random) -> Any:
    path = _somewhere(data, rng)
    return _changed(data, path, lambda parent, key: parent.pop(key)) if path else data


def _renamed_key(data: Any, rng: random.Random) -> Any:
    path = _somewhere(data, rng)
    if not path or not isinstance(path[-1], str):
        return data
    key = path[-1]
    slips = (key[:-1], key + key[-1:], key.upper(), key[1:2] + key[:1] + key[2:], rng.choice(hostile.FRAGMENTS))
    new = rng.choice(slips)
    return _changed(data, path, lambda parent, old: parent.__setitem__(new, parent.pop(old)))


def _swapped(data: Any, rng: random.Random) -> Any:
    one, other = _somewhere(data, rng), _somewhere(data, rng)
    if not one or not other or one[: len(other)] == other or other[: len(one)] == one:
        return data
    first, second = documents.value_at(data, one), documents.value_at(data, other)
    return documents.with_value(documents.with_value(data, one, second), other, first)


def _retyped(data: Any, rng: random.Random) -> Any:
    path = _somewhere(data, rng)
    strange: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1.5,
        10**17,
        "",
        "x",
        [],
        {},
        [[]],
        {"a": {"b": []}},
        ["x", "x"],
        rng.choice(hostile.FRAGMENTS),
    )
    return documents.with_value(data, path, rng.choice(strange)) if path else data


def _nested(data: Any, rng: random.Random) -> Any:
    path = _somewhere(data, rng)
    if not path:
        return data
    inner = documents.value_at(data, path)
    for _ in range(rng.choice((1, 1, 2, 70))):
        inner = rng.choice(([inner], {"x": inner}))
    return documents.with_value(data, path, inner)


def _changed(data: Any, path: documents.Path_, change: Callable[[Any, Any], object]) -> Any:
    """A copy in which ``change`` was done to the parent of ``path``."""
    parent = documents.value_at(data, path[:-1])
    copy = dict(parent) if isinstance(parent, Mapping) else list(parent)
    change(copy, path[-1])
    return documents.with_value(data, path[:-1], copy)


_DATA_CHANGES = (_removed, _renamed_key, _swapped, _retyped, _nested)

STRATEGIES: Mapping[str, Callable[[], st.SearchStrategy[bytes]]] = {
    "bytes": raw,
    "text": texts,
    "valid": valid,
    "schema": schema_only,
    "mutated": mutated,
}
"""Every kind of case, by name."""
