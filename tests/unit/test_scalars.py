"""Places inside the value of a scalar, whatever form it is written in."""

from __future__ import annotations

import pytest

from mlopsc.loader import load_text


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: x + bad > 15\n", 1, 8),
        ('a: "x\\t\\"dist\\" bad"\n', 1, 17),
        ("a: 'it''s bad'\n", 1, 11),
        ("a: |\n    select *\n      from bad\n    where x\nb: 1\n", 3, 12),
        ("a: >-\n    select *\n    from bad\n\n    where x\n\nb: 1\n", 3, 10),
        ("a: select *\n   from\n   bad x\nb: 1\n", 3, 4),
        ('a: "select *\n   from \\\n   bad x"\nb: 1\n', 3, 4),
        ("a: 'select *\n   from\n   bad x'\nb: 1\n", 3, 4),
        ('a: "é bad"\n', 1, 7),
    ],
    ids=["plain", "double", "single", "literal", "folded", "plain lines", "double lines", "single lines", "accent"],
)
def test_span_inside_a_scalar_finds_the_word(text: str, line: int, column: int) -> None:
    """The word 'bad' of the value is found where it is written, three columns wide."""
    loaded = load_text(text, "mlops.yaml")
    assert loaded.data is not None
    start = loaded.data["a"].index("bad")
    span = loaded.sources.span(("a",), within=(start, start + 3))
    assert (span.line, span.column, span.end_line, span.end_column) == (line, column, line, column + 3)


def test_span_inside_a_scalar_covers_several_lines() -> None:
    """From a word on one line to a word on the next."""
    loaded = load_text("a: |\n  one two\n  three four\n", "mlops.yaml")
    span = loaded.sources.span(("a",), within=(4, 13))
    assert (span.line, span.column, span.end_line, span.end_column) == (2, 7, 3, 8)


def test_span_beyond_a_scalar_is_its_end() -> None:
    """An offset behind the last character, as syntax errors have it, points at that character."""
    loaded = load_text("a: x >\n", "mlops.yaml")
    span = loaded.sources.span(("a",), within=(3, 4))
    assert (span.line, span.column) == (1, 4)
