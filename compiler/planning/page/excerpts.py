"""The lines of the spec that say something, found by its place in the document."""

from __future__ import annotations

from functools import lru_cache

from ...source import SourceFile, Sources, YamlPath
from .items import Excerpt


def excerpts(sources: Sources, *paths: YamlPath, otherwise: YamlPath = ()) -> tuple[Excerpt, ...]:
    """The lines of each of ``paths`` that is written; those of ``otherwise`` where none is."""
    found = [_excerpt(sources, path) for path in paths if path in sources.entries]
    if not found and otherwise in sources.entries and otherwise:
        found = [_excerpt(sources, otherwise)]
    return tuple(dict.fromkeys(found))


def _excerpt(sources: Sources, path: YamlPath) -> Excerpt:
    entry = sources.entries[path]
    start = entry.key if entry.key and entry.key.file == entry.value.file else entry.value
    lines = _lines(sources.files[entry.value.file])
    last = entry.value.end_line
    # The end of a block mapping is where the next token starts: below blank lines and comments.
    if entry.value.end_column == 1:
        last -= 1
    while last > start.line and (last > len(lines) or lines[last - 1].lstrip()[:1] in {"", "#"}):
        last -= 1
    return Excerpt(file=entry.value.file, first=start.line, last=max(last, start.line), where=".".join(_words(path)))


@lru_cache(maxsize=8)
def _lines(file: SourceFile) -> list[str]:
    return file.lines


def _words(path: YamlPath) -> list[str]:
    return [str(part + 1) if isinstance(part, int) else part for part in path]
