"""Text to plain data with positions, and one clear diagnostic for every text that is no spec."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mlopsc.loader import load, load_bytes, load_text, plain
from mlopsc.source import Span


def refused(content: bytes) -> tuple[str, int, int, str]:
    """Code, line, column and message of the only diagnostic of ``content``, which must have a help line."""
    (found,) = load_bytes(content, "mlops.yaml").diagnostics
    assert found.help
    return found.code, found.primary.span.line, found.primary.span.column, found.message


def test_loader_reads_the_reference_without_problems(repository: Path) -> None:
    """The whole reference spec loads, and its last override stands where the text has it."""
    path = repository / "tests" / "fixtures" / "flight-delays.mlops.yaml"
    loaded = load(path)
    assert loaded.diagnostics == ()
    assert loaded.data is not None
    assert list(loaded.data)[:4] == ["version", "project", "stack", "secrets"]
    place = ("environments", "production", "set", "models", "late-arrival", "deploy", "api", "replicas")
    span = loaded.sources.span(place)
    line = path.read_text().splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == "replicas"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("1e-6", 1e-6),
        ("0.5", 0.5),
        (".5", 0.5),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("2013-01-01", "2013-01-01"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("7d", "7d"),
        ("1:30", "1:30"),
        ("9" * 60, "9" * 60),
    ],
)
def test_plain_scalars_have_no_surprises(text: str, value: object) -> None:
    """Only true and false are booleans; dates, times, yes and on stay text."""
    assert plain(text) == value
    assert type(plain(text)) is type(value)


def test_loader_knows_keys_and_values_by_place() -> None:
    """Keys and scalars have spans of their own; list items and the root have no key."""
    loaded = load_text("models:\n  late:\n    gates:\n      - {metric: 'roc_auc'}\n", "mlops.yaml")
    entries = loaded.sources.entries
    assert entries[("models", "late")].key == Span(file="mlops.yaml", line=2, column=3, end_line=2, end_column=7)
    metric = entries[("models", "late", "gates", 0, "metric")]
    assert metric.value == Span(file="mlops.yaml", line=4, column=18, end_line=4, end_column=27)
    assert metric.style == "'"
    assert entries[("models", "late", "gates", 0)].key is None
    assert entries[("models",)].value.end_line == 4
    assert ("models", "late", "deploy") not in entries
    assert loaded.sources.span(("models", "late", "deploy", "api")) == entries[("models", "late")].key


def test_loader_shows_both_places_of_a_duplicate_key() -> None:
    """The second key is marked, the first is related, and the first value wins."""
    loaded = load_text("a: 1\nb: 2\na: 3\n", "mlops.yaml")
    (found,) = loaded.diagnostics
    assert (found.code, found.message) == ("MLC103", "the key 'a' stands here twice")
    assert (found.primary.span.line, found.related[0].span.line) == (3, 1)
    assert loaded.data == {"a": 1, "b": 2}


def test_loader_merges_mappings() -> None:
    """What ``<<`` brings in is there, below what is written beside it, and stands at its anchor."""
    loaded = load_text("base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\n", "mlops.yaml")
    assert loaded.data == {"base": {"x": 1, "y": 2}, "more": {"y": 3, "x": 1}}
    assert loaded.sources.span(("more", "x")).line == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("MLC101", 1, 1, "'mlops.yaml' is empty")),
        (b"# nothing\n", ("MLC101", 1, 1, "'mlops.yaml' is empty")),
        (b"a: \xe9\n", ("MLC101", 1, 4, "'mlops.yaml' is not UTF-8: byte 0xe9 cannot stand here")),
        (b"a: 1\nb: \x00\n", ("MLC101", 2, 4, "the control character U+0000 cannot stand in YAML")),
        (
            b"- a\n",
            ("MLC101", 1, 1, "a spec is a mapping of keys such as 'data:' and 'models:', found a list"),
        ),
        (b"a:\n\tb: 1\n", ("MLC102", 2, 1, "a tab cannot indent in YAML")),
        (b"a: b: c\n", ("MLC102", 1, 5, "a ':' cannot stand here")),
        (b'a: "b\nc: 1\n', ("MLC102", 1, 4, "the file ends inside a quoted text")),
        (b"a: [1, 2\nb: 3\n", ("MLC102", 2, 2, "a ',' or ']' is missing")),
        (b"a: {b: 1\nc: 2\n", ("MLC102", 2, 2, "a ',' or '}' is missing")),
        (b"a:\n  b: 1\n c: 2\n", ("MLC102", 3, 2, "a key was expected here")),
        (b"a: @b\n", ("MLC102", 1, 4, "a value cannot begin with '@'")),
        (b"a: *b\n", ("MLC102", 1, 4, "the alias '*b' has no anchor")),
        (b"a: 1\n---\nb: 2\n", ("MLC102", 2, 1, "a spec is one document")),
        (b"a: &x {b: *x}\n", ("MLC104", 1, 4, "an alias contains itself")),
        (b"a: &a\n  <<: *a\n", ("MLC104", 1, 4, "an alias contains itself")),
        (b"[" * 100_000, ("MLC104", 1, 1, "nested deeper than 64 levels")),
        (b"- " * 100_000, ("MLC104", 1, 1, "nested deeper than 64 levels")),
        (b"a: " + b"[" * 100 + b"]" * 100, ("MLC104", 1, 68, "nested deeper than 64 levels")),
        (b"a: !!python/name:os.system x\n", ("MLC105", 1, 4, "the tag '!!python/name:os.system' is not supported")),
        (b"? [a]\n: 1\n", ("MLC105", 1, 3, "a key must be a word, found a list")),
        (b"a:\n  <<: 5\n", ("MLC105", 2, 7, "'<<' takes a mapping, found '5'")),
    ],
)
def test_loader_refuses_with_one_diagnostic(content: bytes, expected: tuple[str, int, int, str]) -> None:
    """Whatever is wrong with the text, it is said once, at its place, with help."""
    assert refused(content) == expected


def test_loader_bounds_aliases_that_multiply() -> None:
    """Six lists of ten aliases would be a million nodes; they are refused before they are made."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6)]
    assert refused("\n".join(lines).encode())[3] == "aliases repeat more than 100,000 nodes"


def test_loader_says_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a folder are diagnostics, not exceptions."""
    missing, folder = load(tmp_path / "mlops.yaml"), load(tmp_path)
    assert missing.diagnostics[0].message == "cannot read 'mlops.yaml': no such file or directory"
    assert folder.diagnostics[0].message == f"cannot read '{tmp_path.name}': is a directory"


def test_loader_accepts_a_byte_order_mark_and_windows_line_ends() -> None:
    """Both are what some editors write; neither moves a position."""
    loaded = load_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "mlops.yaml")
    assert loaded.data == {"a": 1, "b": 2}
    assert loaded.sources.span(("b",)) == Span(file="mlops.yaml", line=2, column=1, end_line=2, end_column=2)


def test_loader_survives_any_bytes(repository: Path) -> None:
    """Broken copies of the reference either load or are refused with help inside the text."""
    original = (repository / "tests" / "fixtures" / "flight-delays.mlops.yaml").read_bytes()
    chance = random.Random(11)  # noqa: S311  (reproducible, not secret)
    pieces = [b"\t", b"{", b"]", b": ", b"- ", b'"', b"&a ", b"*a", b"\x00", b"\xff", b"|\n", b"<<: ", b"? ", b"\r"]
    for _ in range(60):
        broken = bytearray(original[: chance.randint(200, len(original))])
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(broken))
            broken[at:at] = chance.choice(pieces)
        loaded = load_bytes(bytes(broken), "mlops.yaml")
        lines = len(loaded.sources.files["mlops.yaml"].lines)
        assert loaded.data is not None or len(loaded.diagnostics) >= 1
        assert all(found.help and 1 <= found.primary.span.line <= lines + 1 for found in loaded.diagnostics)


@pytest.mark.parametrize(("escape", "code"), [("\\0", "0000"), ("\\e", "001B"), ("\\u202e", "202E"), ("\\x7f", "007F")])
def test_escape_cannot_bring_in_a_control_character(escape: str, code: str) -> None:
    """What may not be written may not be escaped either, in a value or in a key."""
    for text in (f'a: "x{escape}"\n', f'"x{escape}": 1\n'):
        (found,) = load_text(text, "mlops.yaml").diagnostics
        assert found.code == "MLC101"
        assert found.message == f"an escape stands for the control character U+{code}, which no value may hold"


@pytest.mark.parametrize("text", ["~", "null", "!", "''"])
def test_document_that_is_nothing_is_said_to_be_no_mapping(text: str) -> None:
    """A file without a mapping is never silently refused."""
    assert [found.code for found in load_text(text, "mlops.yaml").diagnostics] != []


def test_number_that_no_float_can_hold_is_text() -> None:
    """Infinity is not a number of the language; three digits of exponent are fine."""
    assert load_text("a: 1e999\nb: 1e300\n", "mlops.yaml").data == {"a": "1e999", "b": 1e300}
