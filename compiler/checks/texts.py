"""The scalars of the spec as they are written, for rules that hold wherever a value stands."""

from __future__ import annotations

from collections.abc import Iterator

from ..source import Sources, Span, YamlPath


def scalars(sources: Sources) -> Iterator[tuple[YamlPath, str]]:
    """Every scalar with its raw text, each place of the text once."""
    parents = {path[:-1] for path in sources.entries}
    lines = {name: file.lines for name, file in sources.files.items()}
    seen: set[Span] = set()
    for path, entry in sources.entries.items():
        if path not in parents and entry.value not in seen:
            seen.add(entry.value)
            yield path, _slice(lines.get(entry.value.file, []), entry.value)


def _slice(lines: list[str], span: Span) -> str:
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1] if span.line <= len(lines) else ""
    middle = lines[span.line : span.end_line - 1]
    last = lines[span.end_line - 1][: span.end_column - 1] if span.end_line <= len(lines) else ""
    return "\n".join([lines[span.line - 1][span.column - 1 :], *middle, last])
