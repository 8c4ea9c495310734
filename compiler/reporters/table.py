"""Tables in plain text."""

from __future__ import annotations

from collections.abc import Sequence

LARGE = 1000


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], *, indent: str = "") -> str:
    """Columns aligned with spaces; a column of nothing but numbers stands to the right."""
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(len(head), *(len(row[i]) for row in cells)) if cells else len(head) for i, head in enumerate(headers)]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(headers))]
    lines = [headers, ["-" * width for width in widths], *cells]
    return "\n".join(indent + _line(line, widths, right) for line in lines)


def cell(value: object) -> str:
    """A value as a table shows it: four decimals, thousands separated, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= LARGE and value == int(value) else f"{value:,.4f}"
    return str(value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _line(values: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = [v.rjust(w) if flush else v.ljust(w) for v, w, flush in zip(values, widths, right, strict=True)]
    return "  ".join(parts).rstrip()
