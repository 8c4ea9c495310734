"""Places inside the value of a scalar, in the text as it is written: quotes, escapes, folded lines, blocks.

The text is read again as libyaml reads it (YAML 1.1, sections 8 and 9), with the place of every character kept. Where
that would not give the very same value, nothing is claimed and the whole scalar is the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .source import Entry, SourceFile, Span

Place = tuple[int, int, int, int]
"""Where one character of a value is written: line, column, end line, end column; counted from 1, the end exclusive."""

Piece = tuple[str, Place]

_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
_ESCAPES |= {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_HEADER = re.compile(r"[|>](?:([1-9])|([+-])){0,2}")
_BREAKS = "\r\n\x85\u2028\u2029"
_KEPT_BREAKS = "\u2028\u2029"  # every other line end becomes "\n"


def span_inside(file: SourceFile, entry: Entry, within: tuple[int, int]) -> Span:
    """The span of the characters ``within`` (from, to) of the scalar at ``entry``.

    A place behind the last character is the last character.
    """
    found = places(file.text, entry)
    if not found:
        return entry.value
    start = min(max(within[0], 0), len(found) - 1)
    last = min(max(within[1] - 1, start), len(found) - 1)
    first, end = found[start], found[last]
    return replace(entry.value, line=first[0], column=first[1], end_line=end[2], end_column=end[3])


def places(text: str, entry: Entry) -> list[Place]:
    """Where each character of a scalar's value is written; nothing where that cannot be told."""
    lines = text.splitlines(keepends=True)
    ways = _block(lines, entry) if entry.style in ("|", ">") else (_flow(lines, entry) for _ in range(1))
    for pieces in ways:
        if "".join(character for character, _ in pieces) == entry.text:
            return [place for _, place in pieces]
    return []


def _split(line: str) -> tuple[str, str]:
    """A line and its end."""
    bare = line.rstrip(_BREAKS) if line[-1:] in _BREAKS else line
    return bare, line[len(bare) :]


def _break(line: str, number: int) -> Piece | None:
    """The end of a line as a character of the value; None at the end of the file."""
    bare, end = _split(line)
    if not end:
        return None
    return (end if end in _KEPT_BREAKS else "\n"), (number, len(bare) + 1, number + 1, 1)


@dataclass(slots=True)
class _Folding:
    """What stands between two lines of a flow scalar: a single line end is a space, further ones stay."""

    first: Piece | None = None
    more: list[Piece] = field(default_factory=list)
    open: bool = False

    def flush(self, before: tuple[int, int], after: tuple[int, int]) -> list[Piece]:
        """The characters that it becomes, between two places of the text."""
        first, more = self.first, self.more
        self.first, self.more, self.open = None, [], False
        if first is None:
            return more
        if first[0] != "\n":
            return [first, *more]
        return more or [(" ", (*before, *after))]

    def ended(self, line: str, number: int, *, empty: bool, joined: bool) -> None:
        """Note the end of a line."""
        piece = _break(line, number)
        if joined:
            self.open = True
        elif piece is not None and self.open and empty:
            self.more.append(piece)
        else:
            self.first, self.open = piece, True


def _flow(lines: Sequence[str], entry: Entry) -> list[Piece]:
    """The characters of a plain or quoted scalar."""
    span, style = entry.value, entry.style
    pieces: list[Piece] = []
    folding = _Folding()
    quote = 1 if style else 0
    end_of_last = (span.line, span.column + quote)
    for number in range(span.line, span.end_line + 1):
        line, last = lines[number - 1], number == span.end_line
        bare = _split(line)[0]
        start = span.column - 1 + quote if number == span.line else len(bare) - len(bare.lstrip(" \t"))
        end = span.end_column - 1 - quote if last else len(bare)
        own, joined = _decoded(bare[:end] if last else bare, number, start, style)
        own = own if last or joined else _trimmed(own)
        if folding.open and (own or last or joined):
            pieces += folding.flush(end_of_last, (number, start + 1))
        pieces += own
        if own or joined or number == span.line:
            end_of_last = own[-1][1][2:] if own else (number, start + 1)
        if not last:
            folding.ended(line, number, empty=not own and number > span.line, joined=joined)
    return pieces


def _decoded(line: str, number: int, start: int, style: str | None) -> tuple[list[Piece], bool]:
    """The characters of one line from ``start`` on; whether a backslash joins it to the next."""
    pieces: list[Piece] = []
    at = start
    while at < len(line):
        character, width = line[at], 1
        if style == '"' and character == "\\":
            escape = _ESCAPE.match(line, at)
            if escape is None:  # the line end is escaped
                return pieces, True
            code, width = escape[1], len(escape[0])
            character = chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)
        elif style == "'" and line.startswith("''", at):
            width = 2
        pieces.append((character, (number, at + 1, number, at + 1 + width)))
        at += width
    return pieces, False


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """The characters of a line without the blanks at its end, unless those are escaped."""
    kept = len(pieces)
    while kept and pieces[kept - 1][0] in " \t" and pieces[kept - 1][1][3] == pieces[kept - 1][1][1] + 1:
        kept -= 1
    return pieces[:kept]


def _block(lines: Sequence[str], entry: Entry) -> Iterator[list[Piece]]:
    """The characters of a literal or folded scalar, with every indentation that it may have."""
    header = _HEADER.match(lines[entry.value.line - 1], entry.value.column - 1)
    if header is None:
        return
    first = entry.value.line + 1
    content = (line for line in lines[first - 1 :] if _split(line)[0].strip(" "))
    deepest = max(next((len(line) - len(line.lstrip(" ")) for line in content), 1), 1)
    for indent in range(1, deepest + 1) if header[1] else (deepest,):
        yield _indented(lines, first, indent, header[0])


def _indented(lines: Sequence[str], number: int, indent: int, header: str) -> list[Piece]:
    """The characters of a block whose lines begin behind ``indent`` spaces (libyaml: yaml_parser_scan_block_scalar)."""
    pieces: list[Piece] = []
    ending: Piece | None = None
    blank_before = False
    empty, number = _empty_lines(lines, number, indent)
    while number <= len(lines) and lines[number - 1].startswith(" " * indent):
        bare = _split(lines[number - 1])[0]
        blank = bare[indent : indent + 1] in (" ", "\t") and len(bare) > indent
        if header[0] == ">" and ending and ending[0] == "\n" and not blank_before and not blank:
            place = (*ending[1][:2], number, indent + 1)
            pieces += [] if empty else [(" ", place)]
        elif ending:
            pieces.append(ending)
        pieces += empty
        blank_before = blank
        pieces += [(bare[at], (number, at + 1, number, at + 2)) for at in range(indent, len(bare))]
        ending = _break(lines[number - 1], number)
        empty, number = _empty_lines(lines, number + 1, indent)
    kept = [ending] if ending and "-" not in header else []
    return pieces + kept + (empty if "+" in header else [])


def _empty_lines(lines: Sequence[str], number: int, indent: int) -> tuple[list[Piece], int]:
    """The line ends of the empty lines from ``number`` on, and the first line behind them."""
    found: list[Piece] = []
    while number <= len(lines):
        bare = _split(lines[number - 1])[0]
        piece = _break(lines[number - 1], number)
        if len(bare) > indent or bare.strip(" ") or piece is None:
            break
        found.append(piece)
        number += 1
    return found, number
