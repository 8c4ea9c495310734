"""Places inside the value of a scalar, in the text as it is written."""

from __future__ import annotations

from .source import SourceFile, Span


def span_inside(file: SourceFile, value: Span, style: str | None, within: tuple[int, int]) -> Span:
    """The span of the characters ``within`` (from, to) of a scalar whose written form has ``value`` as span."""
    del file
    if style in ("|", ">"):
        return value
    start = value.column + within[0] + (1 if style else 0)
    width = max(1, within[1] - within[0])
    return Span(file=value.file, line=value.line, column=start, end_line=value.line, end_column=start + width)
