"""Diagnostics for people: where the marks and the words go, whatever stands in the line."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from fcntl import ioctl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from mlopsc.diagnostics import Diagnostic, Label, Repair, Severity
from mlopsc.reporters.cells import Cells, harmless, width
from mlopsc.reporters.text import report
from mlopsc.source import SourceFile, Sources, Span

Place = tuple[int, int, int, int]


def said(  # noqa: PLR0913  (one for each part of a diagnostic)
    text: str,
    primary: Place,
    *related: tuple[Place, str],
    label: str = "primary",
    help_: str | None = None,
    fix: tuple[tuple[Place, str], ...] = (),
    columns: int | None = None,
) -> str:
    """The report of one diagnostic below its head line."""

    def span(place: Place) -> Span:
        return Span(file="m.yaml", line=place[0], column=place[1], end_line=place[2], end_column=place[3])

    found = Diagnostic(
        code="MLC203",
        severity=Severity.ERROR,
        message="wrong",
        primary=Label(span=span(primary), text=label),
        related=tuple(Label(span=span(place), text=words) for place, words in related),
        help=help_,
        fix=tuple(Repair(span=span(place), action="text", value=new) for place, new in fix),
    )
    sources = Sources(files={"m.yaml": SourceFile(name="m.yaml", text=text)}, entries={}, root="m.yaml")
    head, _, rest = report([found], sources, columns=columns).partition("\n")
    assert head == "error[MLC203]: wrong"
    return rest.rstrip("\n")


def block(text: str) -> str:
    """The lines of a report as a test shows them."""
    return "\n".join(line[8:] for line in text.strip("\n").splitlines()).rstrip()


def test_labels_on_one_line_hang_from_their_marks() -> None:
    """The last one stands beside its mark, the others below, each connected."""
    expected = """
          --> m.yaml:1:13
            |
          1 | a: {foo: 1, bar: 2, baz: 3}
            |     ---     ^^^     --- right
            |     |       |
            |     |       primary
            |     left
    """
    assert said("a: {foo: 1, bar: 2, baz: 3}\n", (1, 13, 1, 16), ((1, 5, 1, 8), "left"), ((1, 21, 1, 24), "right")) == (
        block(expected)
    )


def test_labels_that_overlap_keep_both_their_words() -> None:
    """The primary mark covers the other one."""
    expected = """
          --> m.yaml:1:5
            |
          1 | a: {foo: 1, bar: 2}
            |     ^^^^^^^^^^^
            |     |       |
            |     |       inside
            |     primary
    """
    assert said("a: {foo: 1, bar: 2}\n", (1, 5, 1, 16), ((1, 13, 1, 16), "inside")) == block(expected)


def test_related_lines_are_shown_in_order_and_others_left_out() -> None:
    """Near ones in the excerpt, a single line between them too; far ones and other files by their place."""
    text = "z: 0\n" * 5 + "a: b\nx: 1\nc: d\n" + "y: 1\n" * 3 + "e: f\n"
    expected = """
          --> m.yaml:8:1
             |
           6 | a: b
             | - declared here
           7 | x: 1
           8 | c: d
             | ^ primary
          ...
          12 | e: f
             | - used here
             |
            ::: m.yaml:40:2 far away
             = help: mend it
    """
    related = (((12, 1, 12, 2), "used here"), ((6, 1, 6, 2), "declared here"), ((40, 2, 40, 3), "far away"))
    assert said(text, (8, 1, 8, 2), *related, help_="mend it") == block(expected)


def test_span_of_several_lines_has_a_bar() -> None:
    """From the corner where it begins to the mark where it ends; the midst of a long one is left out."""
    text = "a:\n  sql: |\n    one\n    two\n    three\n    four\n    five\n    six\n    seven\nb: 3\n"
    expected = """
          --> m.yaml:2:8
             |
           2 |     sql: |
             |  ________^
           3 | |     one
          ...  |
           8 | |     six
           9 | |     seven
             | |_________^ primary
          10 |   b: 3
             |   - below
    """
    assert said(text, (2, 8, 9, 10), ((10, 1, 10, 2), "below")) == block(expected)


def test_span_of_whole_lines_begins_with_a_slash() -> None:
    """Nothing stands before it on its first line; blank lines at its end do not count."""
    expected = """
          --> m.yaml:2:3
            |
          2 | /   x: 1
          3 | |   y: 2
            | |______^ primary
    """
    assert said("a:\n  x: 1\n  y: 2\n\n\nb: 1\n", (2, 3, 6, 1)) == block(expected)


LONG = "key: " + "word " * 60 + "BAD " + "word " * 60


def test_long_line_is_cut_around_the_label() -> None:
    """To the width of the terminal, with a sign where something is left out; words are broken too."""
    at = LONG.index("BAD") + 1
    expected = """
          --> m.yaml:1:306
            |
          1 | … word word BAD word word word word word word word wo…
            |             ^^^ this is a label that is longer than
            |                 the line
            |
           ::: m.yaml:1:1 the key
            = help: a long help a long help a long help a long help
                    a long help
    """
    label = "this is a label that is longer than the line"
    found = said(LONG, (1, at, 1, at + 3), ((1, 1, 1, 4), "the key"), label=label, help_="a long help " * 5, columns=60)
    assert found == block(expected).replace("           :::", "           :::")
    assert max(width(line) for line in found.splitlines()) <= 60


@pytest.mark.parametrize(
    ("text", "start", "shown", "mark"),
    [
        ("\tkey:\tbad\n", 7, "    key:    bad", "            ^^^"),
        ('a: "行列 😀 bad é"\n', 10, 'a: "行列 😀 bad é"', "            ^^^"),
        ('a: "e\u0301 bad"\n', 8, 'a: "e\u0301 bad"', "      ^^^"),
        ('a: "👩\u200d👩\u200d👧 bad"\n', 11, 'a: "👩\u200d👩\u200d👧 bad"', "       ^^^"),
        ('a: "x\u200bbad"\n', 7, 'a: "x<U+200B>bad"', "             ^^^"),
        ('a: "\u202ex bad"\n', 8, 'a: "<U+202E>x bad"', "              ^^^"),
        ("a: \u2066bad\n", 5, "a: <U+2066>bad", "           ^^^"),
    ],
    ids=["tab", "wide", "combining", "joined", "zero width", "right to left", "isolate"],
)
def test_marks_stand_under_their_characters(text: str, start: int, shown: str, mark: str) -> None:
    """In columns of a terminal, not in characters; what would move others or be unseen is spelled out."""
    lines = said(text, (1, start, 1, start + 3), label="").splitlines()
    assert lines[2:] == [f"  1 | {shown}", f"    | {mark}"]


def test_words_from_the_spec_are_harmless() -> None:
    """Control and bidirectional characters of a message, a label or a file name reach no terminal."""
    place = Span(file="a\x1b[2J.yaml", line=1, column=1, end_line=1, end_column=2)
    found = Diagnostic(
        code="MLC203",
        severity=Severity.ERROR,
        message="no \x1b]0;title\x07 here",
        primary=Label(span=place, text="\u202ereversed"),
        help="write \x9b1m",
    )
    sources = Sources(files={place.file: SourceFile(name=place.file, text="a: b\n")}, entries={}, root=place.file)
    assert report([found], sources) == (
        "error[MLC203]: no \\x1b]0;title\\x07 here\n"
        "  --> a<U+001B>[2J.yaml:1:1\n"
        "    |\n"
        "  1 | a: b\n"
        "    | ^ \\u202ereversed\n"
        "    |\n"
        "    = help: write \\x9b1m\n\n"
    )


def test_place_behind_a_line_or_a_file_is_shown_as_far_as_it_can() -> None:
    """The end of a line has a mark; a line that is not there has only its number."""
    assert said("a: x\n", (1, 5, 1, 6)).splitlines()[-1] == "    |     ^ primary"
    assert said("a: x\n", (9, 5, 9, 6)) == "  --> m.yaml:9:5"


def test_fix_is_shown_as_lines_before_and_after() -> None:
    """Each changed line once, however many edits it has; what is taken away has no line after."""
    expected = """
          --> m.yaml:1:4
            |
          1 | a: [x, x]
            |     ^ primary
            |
            = help: mend it
            |
          1 - a: [x, x]
          1 + a: [y, z]
            |
          3 - c: 3
    """
    fix = (((1, 5, 1, 6), "y"), ((1, 8, 1, 9), "z"), ((3, 1, 4, 1), ""))
    found = said("a: [x, x]\nb: 2\nc: 3\nd: 4\n", (1, 5, 1, 6), help_="mend it", fix=fix)
    assert found == block(expected).replace("m.yaml:1:4", "m.yaml:1:5")


def test_fix_of_many_places_shows_the_first() -> None:
    """And counts the others."""
    fix = tuple(((number, 4, number, 5), "y") for number in range(1, 20, 2))
    lines = said("a: x\n" * 20, (1, 4, 1, 5), help_="mend it", fix=fix).splitlines()
    assert sum(line.endswith("+ a: y") for line in lines) == 4
    assert lines[-1] == "     | and 6 more places"


LINES = st.text(
    st.one_of(st.sampled_from(" \tab行😀\u0301\u200d\u200b\u202e\u2066é"), st.characters(codec="utf-8")), max_size=120
).map(lambda text: "".join(text.splitlines()))


@given(LINES, st.integers(0, 120), st.integers(1, 40), st.integers(40, 100))
def test_excerpt_fits_any_terminal(line: str, start: int, length: int, columns: int) -> None:
    """Whatever stands in the line, no row is wider than the terminal, and there is a mark below it."""
    at = min(start, len(line)) + 1
    rows = said(line + "\n", (1, at, 1, min(at + length, len(line) + 2)), columns=columns).splitlines()[1:]
    assert all(width(row) <= columns for row in rows)
    assert re.fullmatch(r"    \| +\^+( primary)?", rows[2]) or re.fullmatch(r"    \| \^+( primary)?", rows[2])


@given(LINES)
def test_cells_add_up_to_the_width_of_the_line(line: str) -> None:
    """Each character has its columns, and what is shown has no control left in it."""
    cells = Cells.of(line)
    assert len(cells.shown) == len(line)
    assert list(cells.columns) == sorted(cells.columns)
    joined = any(one == "\u200d" or unicodedata.category(one)[0] == "M" for one in line)  # what they do hangs on others
    assert joined or cells.columns[-1] == wcswidth("".join(cells.shown))
    assert harmless("".join(cells.shown)) == "".join(cells.shown)


def test_report_without_colour_is_the_text_with_colour(repository: Path) -> None:
    """Colours add escapes and change nothing else."""
    spec = (repository / "compiler/checks/cases/MLC203/bad.yaml").read_text()
    sources = Sources(files={"m.yaml": SourceFile(name="m.yaml", text=spec)}, entries={}, root="m.yaml")
    span = Span(file="m.yaml", line=3, column=1, end_line=3, end_column=5)
    found = Diagnostic(
        code="MLC203",
        severity=Severity.ERROR,
        message="wrong",
        primary=Label(span=span, text="here"),
        related=(Label(span=span, text="and here"),),
        help="mend it",
        fix=(Repair(span=span, action="text", value="x"),),
    )
    coloured = report([found], sources, colour=True)
    assert coloured.count("\x1b[1;31m") == 4
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report([found], sources)


def on_terminal(folder: Path, columns: int, **environment: str) -> str:
    """What ``mlopsc check`` prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {name: text for name, text in os.environ.items() if name != "NO_COLOR"}
    variables |= {"TERM": "xterm-256color", **environment}
    command = [sys.executable, "-m", "mlopsc", "check", str(folder)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=variables):
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65_536):
                parts.append(part)
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_terminal_has_colours_and_its_own_width(repository: Path, tmp_path: Path) -> None:
    """On a terminal of 60 columns no line is wider; NO_COLOR takes the colours away."""
    (tmp_path / "mlops.yaml").write_text((repository / "compiler/checks/cases/MLC502/bad.yaml").read_text())
    coloured = on_terminal(tmp_path, 60)
    plain = on_terminal(tmp_path, 60, NO_COLOR="1")
    assert "\x1b[1;31merror[MLC502]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    rows = [line for line in plain.splitlines() if re.match(r" *[0-9]* [|=]", line)]
    assert 50 <= max(width(row) for row in rows) <= 60
    assert len(rows) == 7
