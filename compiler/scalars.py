"""Places inside the value of a scalar, in the text as it is written: quotes, escapes, folded lines."""

from __future__ import annotations

import re

import yaml

from .source import SourceFile, Span

Piece = tuple[str, int, int, int]
"""One character of the value and where it is written: character, line, column, width; all counted from 1."""

_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
_ESCAPES |= {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)


def span_inside(file: SourceFile, value: Span, style: str | None, within: tuple[int, int]) -> Span:
    """The span of the characters ``within`` (from, to) of a scalar that is written at ``value``.

    ``style`` is None for plain scalars, else the quote, ``|`` or ``>``.
    """
    lines = file.lines[value.line - 1 : value.end_line]
    pieces = _written(lines, value, style)
    places = (
        _aligned(pieces, _value(lines, value)) if len(lines) > 1 else dict(enumerate(p for row in pieces for p in row))
    )
    start = next((places[at] for at in range(within[0], within[1] + 1) if at in places), None)
    last = next((places[at] for at in range(max(within[1] - 1, within[0]), -1, -1) if at in places), None)
    if start is None or last is None or (last[1], last[2]) < (start[1], start[2]):
        return value
    return Span(file=value.file, line=start[1], column=start[2], end_line=last[1], end_column=last[2] + last[3])


def _written(lines: list[str], value: Span, style: str | None) -> list[list[Piece]]:
    """The characters of each line, decoded, without what belongs to the form: quotes, indentation, header."""
    rows = []
    for index, line in enumerate(lines):
        if style in ("|", ">") and index == 0:
            continue
        start = value.column - 1 if index == 0 else len(line) - len(line.lstrip())
        end = value.end_column - 1 if index == len(lines) - 1 else len(line.rstrip())
        if style in ("'", '"'):
            start += index == 0
            end -= index == len(lines) - 1
        if style in ("|", ">"):
            end = len(line)
        rows.append(_decoded(line, value.line + index, start, end, style))
    return rows


def _decoded(line: str, number: int, start: int, end: int, style: str | None) -> list[Piece]:
    pieces: list[Piece] = []
    at = start
    while at < end:
        character, width = line[at], 1
        escape = _ESCAPE.match(line, at) if style == '"' and character == "\\" else None
        if escape:
            code, width = escape[1], len(escape[0])
            character = chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)
        elif style == "'" and line.startswith("''", at):
            width = 2
        pieces.append((character, number, at + 1, width))
        at += width
    return pieces


def _value(lines: list[str], value: Span) -> str:
    """The value of a scalar of several lines, as libyaml reads it."""
    text = [*lines]
    if len(lines) > value.end_line - value.line:  # else it goes on to the end of the file
        text[-1] = text[-1][: value.end_column - 1]
    text[0] = text[0][value.column - 1 :]
    try:
        node = yaml.CBaseLoader("\n".join(text)).get_single_node()
    except yaml.YAMLError:  # cannot stand alone; the whole scalar is shown then
        return ""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _aligned(rows: list[list[Piece]], value: str) -> dict[int, Piece]:
    """Where each character of the value is written; folded line ends are nowhere."""
    places: dict[int, Piece] = {}
    at = 0
    for row in rows:
        text = "".join(piece[0] for piece in row)
        found = value.find(text, at) if text else -1
        if found < 0:
            continue
        places.update({found + offset: piece for offset, piece in enumerate(row)})
        at = found + len(text)
    return places
