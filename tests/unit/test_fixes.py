"""Repairs as changes of the text: one value changes, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from mlopsc.diagnostics import Edit, Finding, Mark, Severity, locate
from mlopsc.edits import TextEdit, applied, harmless, overlap
from mlopsc.fixes import Documents, scalar, text_edits
from mlopsc.loader import load_text
from mlopsc.source import Span, YamlPath


def edited(text: str, *edits: Edit) -> str | None:
    """The text after a fix; None where it cannot be written."""
    sources = load_text(text, "mlops.yaml").sources
    finding = Finding(message="wrong", mark=Mark(path=()), fix=edits)
    diagnostic = locate("MLC999", Severity.ERROR, finding, sources)
    changes = text_edits(diagnostic, Documents(sources))
    return applied(sources.files["mlops.yaml"].text, changes) if changes else None


def value(*path: str | int) -> Mark:
    """The mark of a value."""
    return Mark(path=path, at="value")


@pytest.mark.parametrize(
    ("text", "path", "new", "expected"),
    [
        ("a: yes # keep\n", ("a",), True, "a: true # keep\n"),
        ("a: 'yes'  # keep\n", ("a",), "no 'one'", "a: 'no ''one'''  # keep\n"),
        ('a: "x"\n', ("a",), 'tab\t "q"', 'a: "tab\\t \\"q\\""\n'),
        ("a: x\n", ("a",), "1.10", 'a: "1.10"\n'),
        ("a: x\n", ("a",), "a: b", 'a: "a: b"\n'),
        ("a: x\n", ("a",), "#c", 'a: "#c"\n'),
        ("a: [x, y]\n", ("a", 1), "p, q", 'a: [x, "p, q"]\n'),
        ("a: x\n", ("a",), "p, q", "a: p, q\n"),
        ("a: {b: x}\n", ("a", "b"), None, "a: {b: null}\n"),
        ("a:\n- x\n- y # z\n", ("a", 1), 0.5, "a:\n- x\n- 0.5 # z\n"),
        ("a: &x one\nb: *x\n", ("b",), "two", "a: &x two\nb: *x\n"),
        ("a: |\n  one\n  two\n\n# end\nb: 1\n", ("a",), "three", 'a: "three"\n\n# end\nb: 1\n'),
        ("a:\nb: 1\n", ("a",), "x", "a: x\nb: 1\n"),
        ("a: x", ("a",), "y", "a: y"),
        ("a: x\r\nb: 1\r\n", ("a",), "y", "a: y\r\nb: 1\r\n"),
        ("a: one\n  two\nb: 1\n", ("a",), "y", "a: y\nb: 1\n"),
        ("a: [1, 2]\n", ("a",), "y", "a: y\n"),
        ("a:\n  b: 1\n", ("a",), "y", None),
    ],
)
def test_replace_writes_the_value_as_its_place_wants_it(
    text: str, path: YamlPath, new: Any, expected: str | None
) -> None:
    """Quotes only where they were or where they are needed; comments and line ends stay."""
    assert edited(text, Edit(mark=value(*path), value=new)) == expected


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a: x + bad\n", "bad", "good", "a: x + good\n"),
        ('a: "x\\t bad" # c\n', "bad", 'g"d', 'a: "x\\t g\\"d" # c\n'),
        ("a: 'it''s bad'\n", "it's", "he's", "a: 'he''s bad'\n"),
        ("a: >-\n  x\n  bad # no comment\n", "bad", "good", "a: >-\n  x\n  good # no comment\n"),
        ("a: |\n  x\n  bad\n", "bad", "good", "a: |\n  x\n  good\n"),
        ("a: x\n  bad y\n", "bad", "good", "a: x\n  good y\n"),
        ("a: x bad\n", "bad", "b: c", 'a: "x b: c"\n'),
        ("a: [x bad, y]\n", "x bad", "x, z", None),
        ("a: x\n  bad y\n", "bad", "b: c", None),
    ],
)
def test_replace_inside_a_string_keeps_the_rest(text: str, old: str, new: str, expected: str | None) -> None:
    """In each style the characters are written as that style wants them."""
    data = load_text(text, "mlops.yaml").data
    assert data is not None
    if isinstance(data["a"], list):
        path, whole = ("a", 0), data["a"][0]
        expected = 'a: ["x, z", y]\n'
    else:
        path, whole = ("a",), data["a"]  # type: ignore[assignment]
    start = whole.index(old)
    mark = Mark(path=path, at="value", within=(start, start + len(old)))
    assert edited(text, Edit(mark=mark, value=new)) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a: [x, y, z]\n", ("a", 1), "a: [x, z]\n"),
        ("a: [x, y]\n", ("a", 1), "a: [x]\n"),
        ("a: [x]\n", ("a", 0), "a: []\n"),
        ("a: {b: 1, c: 2}\n", ("a", "b"), "a: {c: 2}\n"),
        ("a:\n  - x\n  - y # why\n  # z\n  - z\n", ("a", 1), "a:\n  - x\n  # z\n  - z\n"),
        ("a:\n- x\n- b: 1\n  c: 2\n", ("a", 1), "a:\n- x\n"),
        ("a:\n- b: 1\n  c: 2\n", ("a", 0, "b"), "a:\n- c: 2\n"),
        ("a:\n- b: 1 # why\n  c: 2\n", ("a", 0, "b"), None),
        ("a:\n  b:\n    c: 1\n\n  # d\n  d: 2\n", ("a", "b"), "a:\n\n  # d\n  d: 2\n"),
        ("a: 1\nb: |\n  x\n  y\n\nc: 2\n", ("b",), "a: 1\n\nc: 2\n"),
        ("a: 1\nb: 2", ("b",), "a: 1\n"),
        ("a:\n  b: 1\n", ("a", "b"), None),
        ("a:\n- - x\n  - y\n", ("a", 0, 0), None),
        ("a: [\n  x,\n  y,  # why\n  z\n]\n", ("a", 1), None),
        ("a: [\n  x,\n  y,\n  z\n]\n", ("a", 1), "a: [\n  x,\n  z\n]\n"),
    ],
)
def test_remove_takes_one_entry_or_item(text: str, path: YamlPath, expected: str | None) -> None:
    """With its separator or its lines; where a comment or an empty mapping would be in doubt, nothing is done."""
    assert edited(text, Edit(mark=Mark(path=path), action="remove")) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a:\n  b: 1\n\n# end\nc: 2\n", ("a",), "a:\n  b: 1\n  k: v\n\n# end\nc: 2\n"),
        ("a:\n  b: 1 # why\n", ("a",), "a:\n  b: 1 # why\n  k: v\n"),
        ("a:\r\n  b: |\r\n    x\r\n\r\nc: 1\r\n", ("a",), "a:\r\n  b: |\r\n    x\r\n  k: v\r\n\r\nc: 1\r\n"),
        ("a:\n  b: 1", ("a",), "a:\n  b: 1\n  k: v"),
        ("a: {b: 1}\n", ("a",), "a: {b: 1, k: v}\n"),
        ("a: {}\n", ("a",), "a: {k: v}\n"),
        ("x: &x 1\na: {b: *x }\n", ("a",), "x: &x 1\na: {b: *x, k: v }\n"),
        ("a:\n- b: 1\n- c\n", ("a", 0), "a:\n- b: 1\n  k: v\n- c\n"),
        ("a: 1\n", (), "a: 1\nk: v\n"),
        ("a: 1\n", ("a",), None),
    ],
)
def test_add_is_the_last_entry_of_its_mapping(text: str, path: YamlPath, expected: str | None) -> None:
    """In the layout that the mapping has."""
    assert edited(text, Edit(mark=Mark(path=path), action="add", key="k", value="v")) == expected


def test_a_fix_is_made_as_a_whole_or_not_at_all() -> None:
    """Where one of two edits cannot be written, neither is."""
    good, bad = Edit(mark=value("a"), value=1), Edit(mark=value("c"), value=1)
    assert edited("a: x\nb: y\n", good) == "a: 1\nb: y\n"
    assert edited("a: x\nb: y\n", good, bad) is None


def test_overlap_is_about_characters_of_one_file() -> None:
    """Neighbours do not overlap; two insertions at one place do."""

    def span(start: int, end: int, file: str = "a") -> Span:
        return Span(file=file, line=1, column=start, end_line=1, end_column=end)

    assert overlap(span(1, 4), span(3, 5))
    assert overlap(span(2, 2), span(2, 2))
    assert not overlap(span(1, 3), span(3, 5))
    assert not overlap(span(1, 4), span(1, 4, "b"))


def test_an_edit_that_changes_more_is_not_harmless() -> None:
    """What would turn one value into a new key, or comment out the rest, is found by reading the text again."""
    text = "a: x\nb: y\n"
    sources = load_text(text, "mlops.yaml").sources
    fix = (Edit(mark=value("a"), value="z"),)
    [repair] = locate("MLC999", Severity.ERROR, Finding(message="", mark=Mark(path=()), fix=fix), sources).fix
    assert harmless(text, [(repair, TextEdit(span=repair.span, text="z"))])
    assert not harmless(text, [(repair, TextEdit(span=repair.span, text="z\nc: 1"))])
    assert not harmless(text, [(repair, TextEdit(span=repair.span, text="{"))])


def test_removing_several_things_is_judged_as_a_whole() -> None:
    """An entry at the end of a mapping in a mapping, and items of a list: nothing else goes with them."""
    text = "a: {x: 1, p: {l: 2}}\nb: [u, u, v, v]\nc: {p: {l: 2}}\n"
    sources = load_text(text, "mlops.yaml").sources
    places: tuple[YamlPath, ...] = (("a", "p"), ("b", 1), ("b", 3), ("c", "p"))
    fix = tuple(Edit(mark=Mark(path=path), action="remove") for path in places)
    found = locate("MLC999", Severity.ERROR, Finding(message="", mark=Mark(path=()), fix=fix), sources)
    document = Documents(sources).get("mlops.yaml")
    assert document is not None
    changes = [(repair, edit) for repair in found.fix if (edit := document.edit(repair)) is not None]
    assert harmless(text, changes)
    assert all(harmless(text, [change]) for change in changes)
    assert applied(text, [edit for _, edit in changes]) == "a: {x: 1}\nb: [u, v]\nc: {}\n"
    repair, edit = changes[0]
    assert not harmless(text, [(repair, TextEdit(span=replace(edit.span, column=4), text="{x: 2"))])


WORDS = st.text(st.one_of(st.sampled_from(" \n\t'\"\\#:,-|>{}[]&*!%@é行😀"), st.characters(codec="utf-8")), max_size=20)
NEW = st.one_of(
    WORDS, st.booleans(), st.none(), st.integers(-999, 999), st.sampled_from(["yes", "1e3", "~", "null", ""])
)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[YamlPath]]:
    """A mapping of values in every style, in blocks and in flow collections, with comments; the paths of its values."""
    parts: list[str] = []
    paths: list[YamlPath] = []
    for number in range(draw(st.integers(1, 4))):
        words = draw(st.lists(WORDS, min_size=1, max_size=3))
        style, flow, form = draw(STYLES), draw(st.booleans()), draw(st.sampled_from(["scalar", "list", "mapping"]))
        own: list[YamlPath]
        nodes: list[yaml.Node] = [yaml.ScalarNode("tag:yaml.org,2002:str", word, style=style) for word in words]
        if form == "scalar":
            node, own = nodes[0], [()]
        elif form == "list":
            node = yaml.SequenceNode("tag:yaml.org,2002:seq", nodes, flow_style=flow)
            own = [(at,) for at in range(len(nodes))]
        else:
            pairs = [(yaml.ScalarNode("tag:yaml.org,2002:str", f"w{at}"), one) for at, one in enumerate(nodes)]
            node = yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)
            own = [(f"w{at}",) for at in range(len(nodes))]
        whole = yaml.MappingNode(
            "tag:yaml.org,2002:map", [(yaml.ScalarNode("tag:yaml.org,2002:str", f"k{number}"), node)]
        )
        parts.append(f"# before {number}\n{yaml.serialize(whole, allow_unicode=True, width=60)}")
        paths += [(f"k{number}", *rest) for rest in own]
    return "".join(parts), paths


@given(documents(), NEW, st.data())
def test_replace_changes_one_value_and_nothing_else(
    document: tuple[str, list[YamlPath]], new: Any, data: st.DataObject
) -> None:
    """Loading the text again gives the same document but for that value; every comment is still there."""
    text, paths = document
    before = load_text(text, "mlops.yaml")
    assume(before.data is not None and not before.diagnostics)
    path = data.draw(st.sampled_from(paths))
    after_text = edited(text, Edit(mark=value(*path), value=new))
    assert after_text is not None
    after = load_text(after_text, "mlops.yaml")
    assert after.data == with_value(before.data, path, new)
    assert re.findall(r"^# before \d$", after_text, re.MULTILINE) == re.findall(r"^# before \d$", text, re.MULTILINE)


def with_value(node: Any, path: YamlPath, new: Any) -> Any:
    """A copy with one value replaced."""
    if not path:
        return new
    copy: Any = list(node) if isinstance(node, list) else dict(node)
    copy[path[0]] = with_value(copy[path[0]], path[1:], new)
    return copy


@given(NEW, st.sampled_from([None, "'", '"']), st.booleans())
def test_scalar_is_read_back_as_the_same_value(new: Any, style: str | None, flow: bool) -> None:  # noqa: FBT001
    """Whatever the text, the quotes and the place."""
    written = scalar(new, style, flow=flow)
    assert "\n" not in written
    loaded = load_text(f"a: [{written}, x]\n" if flow else f"a: {written} # x\n", "mlops.yaml")
    assert loaded.data == {"a": [new, "x"] if flow else new}
