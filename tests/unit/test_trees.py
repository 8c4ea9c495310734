"""Trees are printed exactly as the libraries print them."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlopsc.artifact import Json
from mlopsc.trees import dumped, json_text, yaml_text

WORDS = (
    *("yes", "no", "null", "~", "true", "1", "1.0", "1e3", "0x1f", "2020-01-01", "=", "<<", "- a", "a: b", "a #b", ""),
    *(
        " lead",
        "trail ",
        "\nfirst",
        "x\ny\n",
        "a\n\nb",
        "a\n b\n",
        "...\n",
        "tab\tx",
        "${A:-b}:80",
        "c:",
        "é\x85",
        "Infinity",
    ),
)
TEXTS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.from_regex(r"\A[A-Za-z$/][A-Za-z0-9_./$@{}:=+,-]*\Z"),
)
KEYS = TEXTS.filter(lambda text: text and not {"\n", "\x85", "\u2028", "\u2029"} & set(text))
SCALARS = st.one_of(
    TEXTS, st.booleans(), st.none(), st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False)
)
TREES = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.lists(below, max_size=3).map(tuple), st.dictionaries(KEYS, below, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_json_is_what_the_standard_library_prints(tree: Any) -> None:
    """Indented by two, sorted, nothing escaped that needs no escape; a float may be spelled otherwise, not changed."""
    expected = json.dumps(tree, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    printed = json_text(tree)
    assert json.loads(printed) == json.loads(expected)
    if not re.search(r"\de[-+]?\d", expected):
        assert printed == expected


def test_json_prints_what_does_not_fit_64_bits() -> None:
    """An integer of any size, and a mapping and a list of other kinds, are printed as the same values."""
    tree: Json = {"n": 2**70, "m": MappingProxyType({"a": range(2)}), "t": ("b",)}
    assert json_text(tree) == (
        '{\n  "m": {\n    "a": [\n      0,\n      1\n    ]\n  },\n'
        '  "n": 1180591620717411303424,\n  "t": [\n    "b"\n  ]\n}\n'
    )


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_yaml_is_what_the_library_prints(tree: Any) -> None:
    """Texts, quotes and blocks at every depth; the mark at the end of a document is left out below a key."""
    expected = dumped(tree)
    if isinstance(tree, dict | list | tuple) and expected.endswith("\n...\n"):
        expected = expected[:-4]
    assert yaml_text(tree) == expected
    read = yaml.safe_load(yaml_text({"tree": ["yes", 1, None, {"a": "x\ny\n"}]}))
    assert read == {"tree": ["yes", 1, None, {"a": "x\ny\n"}]}


@pytest.mark.parametrize("key", ["k" * 200, "two\nlines"])
def test_yaml_leaves_a_strange_key_to_the_library(key: str) -> None:
    """A key that does not fit on its line is written in the long form."""
    tree: Json = {"x": {key: [1, "a"]}}
    assert yaml_text(tree) == dumped(tree)
    assert yaml.safe_load(yaml_text(tree)) == tree
