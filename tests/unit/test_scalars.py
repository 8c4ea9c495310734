"""Places inside the value of a scalar, whatever form it is written in."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlopsc.compose import compose, composed
from mlopsc.loader import Loaded, load_bytes, load_text
from mlopsc.scalars import places
from mlopsc.source import Sources, Span, YamlPath


def written(sources: Sources, span: Span) -> str:
    """The stretch of text that a span covers."""
    lines = sources.files[span.file].text.splitlines(keepends=True)
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    last = lines[span.end_line - 1][: span.end_column - 1] if span.end_line <= len(lines) else ""
    return "".join([lines[span.line - 1][span.column - 1 :], *lines[span.line : span.end_line - 1], last])


def slices(loaded: Loaded, path: YamlPath, words: list[str]) -> list[str]:
    """What is written of each of the words of a value."""
    value = loaded.data
    for part in path:
        value = value[part]  # type: ignore[index]
    assert isinstance(value, str)
    spans = [loaded.sources.span(path, within=(value.index(word), value.index(word) + len(word))) for word in words]
    return [written(loaded.sources, span) for span in spans]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a: x + bad > 15\n", ["bad", "15"], ["bad", "15"]),
        ('a: "x\\t\\"dist\\" bad"\n', ['"dist"', "\t", "bad"], ['\\"dist\\"', "\\t", "bad"]),
        ('a: "\\u00e9\\x41\\U0001F600 bad"\n', ["éA😀", "bad"], ["\\u00e9\\x41\\U0001F600", "bad"]),
        ("a: 'it''s bad'\n", ["it's", "bad"], ["it''s", "bad"]),
        ("a: |\n    select *\n      from bad\n    where x\nb: 1\n", ["bad", "*\n  from"], ["bad", "*\n      from"]),
        ("a: |2\n    deep\n  bad\n", ["  deep", "bad"], ["  deep", "bad"]),
        ("a: |+\n  one\n\n  bad\n\n", ["bad\n\n"], ["bad\n\n"]),
        ("a: >-\n    select *\n    from bad\n\n    where x\n\nb: 1\n", ["* from", "bad\n"], ["*\n    from", "bad\n\n"]),
        ("a: >\n  one\n   more\n  bad\n", ["one\n more", "bad"], ["one\n   more", "bad"]),
        ("a: select *\n   from\n   bad x\nb: 1\n", ["* from", "bad"], ["*\n   from", "bad"]),
        ('a: "select *\n   from \\\n   bad x"\nb: 1\n', ["from bad", "bad"], ["from \\\n   bad", "bad"]),
        ("a: 'select *\n   from\n\n   bad x'\nb: 1\n", ["from\nbad", "bad"], ["from\n\n   bad", "bad"]),
        ('a: "é bad"\n', ["bad"], ["bad"]),
        ('a: "行 😀 bad"\n', ["😀", "bad"], ["😀", "bad"]),
        ("a: &x bad one\nb: *x\n", ["bad"], ["bad"]),
        ('a: &x !!str\n  "so bad"\n', ["bad"], ["bad"]),
        ('a: {b: 1}\nc: "x"\nd: [p, q]\na1: {k: "it bad, {}"}\n', [], []),
        ("a: |\r\n  one\r\n  bad\r\nb: 1\r\n", ["bad", "one\nbad"], ["bad", "one\r\n  bad"]),
        ("a: so\r\n  bad", ["so bad", "bad"], ["so\r\n  bad", "bad"]),
        ("a: |\n  so\n  bad", ["bad"], ["bad"]),
        ("\ufeffa: so bad\n", ["bad"], ["bad"]),
    ],
)
def test_span_inside_a_scalar_is_what_is_written(text: str, words: list[str], expected: list[str]) -> None:
    """The exact slice of the text behind each word of the value at 'a'."""
    loaded = load_bytes(text.encode(), "mlops.yaml")
    assert slices(loaded, ("a",), words) == expected if words else loaded.data is not None


PLACES = [
    ("a: {k: so bad, l: 1}\n", ("a", "k"), "bad"),
    ("a: [x, 'so bad', y]\n", ("a", 1), "bad"),
    ("a: {k: >-\n    so bad\n  }\n", None, ""),
    ("base: &b {k: so bad}\na:\n  <<: *b\n", ("a", "k"), "bad"),
    ("base: &b\n  k: |\n    so bad\na:\n  <<: [*b]\n  l: 1\n", ("a", "k"), "bad"),
    ("base: &b so bad\na: [*b]\n", ("a", 0), "bad"),
    ("a:\n- k: so\n    bad\n", ("a", 0, "k"), "so bad"),
]


@pytest.mark.parametrize(("text", "path", "word"), PLACES)
def test_span_inside_finds_what_stands_elsewhere(text: str, path: YamlPath | None, word: str) -> None:
    """In flow collections, behind aliases and merges: at the place where the text is."""
    loaded = load_text(text, "mlops.yaml")
    if path is None:
        assert loaded.data is None  # a block cannot stand in a flow collection
        return
    assert " ".join(slices(loaded, path, [word])[0].split()) == word


def test_span_inside_finds_included_files_and_environments(tmp_path: Path) -> None:
    """A definition of another file, and what an environment sets, are found where they are written."""
    (tmp_path / "more.yaml").write_bytes(b"features:\r\n  f:\r\n    columns:\r\n      c: {sql: 'a + bad'}\r\n")
    spec = tmp_path / "mlops.yaml"
    spec.write_text(
        "include: [more.yaml]\nmodels: {m: {deploy: {}}}\nenvironments:\n  p:\n    set:\n"
        "      models: {m: {retrain: {schedule: '0 6 bad'}}}\n"
    )
    loaded = compose(spec)
    span = loaded.sources.span(("features", "f", "columns", "c", "sql"), within=(4, 7))
    assert (span.file, span.line, written(loaded.sources, span)) == ("more.yaml", 4, "bad")
    assert loaded.data is not None
    changed = composed(loaded.data, loaded.sources, "p")
    span = changed.sources.span(("models", "m", "retrain", "schedule"), within=(4, 7))
    assert (span.file, span.line, written(changed.sources, span)) == ("mlops.yaml", 6, "bad")


@pytest.mark.parametrize(
    ("text", "path", "key", "value"),
    [
        ("a: &x bad\nb: *x\n", ("b",), "b", "bad"),
        ("a: !!str 'bad'\n", ("a",), "a", "'bad'"),
        ("a: &x\n  b: 1\nc: *x\n", ("a",), "a", "b: 1"),
        ("a: &x {b: 1}\n", ("a",), "a", "{b: 1}"),
        ("a: |\n  one\n\n\nb: 1\n", ("a",), "a", "|\n  one"),
        ("a:\n  - one\n  - >-\n    two\n\n  # end\nb: 1\n", ("a",), "a", "- one\n  - >-\n    two"),
        ('"a b": "x"\n', ("a b",), '"a b"', '"x"'),
        ("a: &x\n", ("a",), "a", "&x"),
    ],
)
def test_span_of_a_node_leaves_out_anchor_tag_and_blank_lines(text: str, path: YamlPath, key: str, value: str) -> None:
    """What is written of a key and of a value, and no more."""
    sources = load_text(text, "mlops.yaml").sources
    if not sources.entries:
        sources = load_text(text.replace("!!str ", ""), "mlops.yaml").sources
    assert written(sources, sources.span(path)) == key
    assert written(sources, sources.span(path, "value")) == value


def test_span_beyond_a_scalar_is_its_end() -> None:
    """An offset behind the last character, as syntax errors have it, points at that character."""
    loaded = load_text("a: x >\n", "mlops.yaml")
    span = loaded.sources.span(("a",), within=(3, 4))
    assert (span.line, span.column, span.end_line, span.end_column) == (1, 6, 1, 7)


VALUES = st.text(
    st.one_of(
        st.sampled_from(" \n\t'\"\\#:,-|>{}é行😀\u2028\x85"), st.characters(codec="utf-8", categories=("L", "N"))
    ),
    max_size=40,
)
FORMS = st.tuples(
    st.sampled_from([None, "'", '"', "|", ">"]), st.integers(3, 40), st.booleans(), st.sampled_from(["", "&x "])
)


def decoded(piece: str, style: str | None) -> str:
    """One character of a value, from what is written of it."""
    if any(sign in piece for sign in "\n\r\x85"):
        return " " if not piece.strip().strip("\\").strip() and style != "|" else piece
    if style == '"':
        return str(yaml.load(f'"{piece}"', yaml.CBaseLoader)) if piece.startswith("\\") else piece  # noqa: S506
    return piece.replace("''", "'") if style == "'" else piece


@given(VALUES, FORMS)
def test_every_character_of_a_value_has_its_place(value: str, form: tuple[str | None, int, bool, str]) -> None:
    """In any style and width, each character maps to exactly what is written of it, in order, without a gap between."""
    style, width, windows, anchor = form
    node = yaml.MappingNode("tag:yaml.org,2002:map", [(scalar("k"), scalar(value, style)), (scalar("z"), scalar("1"))])
    text = yaml.serialize(node, width=width, allow_unicode=True).replace("k: ", f"k: {anchor}", 1)
    loaded = load_text(text.replace("\n", "\r\n") if windows else text, "mlops.yaml")
    if loaded.data is None or loaded.data.get("k") is None:  # an empty plain value, or a control character
        return
    entry = loaded.sources.entries[("k",)]
    found = places(loaded.sources.files["mlops.yaml"].text, entry)
    assert len(found) == len(entry.text or "")
    for character, place in zip(entry.text or "", found, strict=True):
        span = Span(file="mlops.yaml", line=place[0], column=place[1], end_line=place[2], end_column=place[3])
        piece = written(loaded.sources, span)
        assert decoded(piece, entry.style) == character or (character == "\n" and piece.strip(" \t") in BREAKS)
    assert all(one[2:] <= other[:2] for one, other in pairwise(found))


BREAKS = ("\n", "\r\n", "\r", "\x85")


def scalar(value: str, style: str | None = None) -> yaml.ScalarNode:
    """A node of text."""
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=style)
