"""Where things stand in the text: spans, and the map from a place in the document to its span."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .records import record

YamlPath = tuple[str | int, ...]
"""A place in the document, such as ``("models", "late", "gates", 0, "metric")``."""

Side = Literal["key", "value"]

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line of YAML; Python's ``splitlines`` knows more than libyaml does."""


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends, as libyaml counts them; none where it is empty."""
    lines = LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A stretch of one file; lines and columns count from 1, the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@record
class SourceFile:
    """One file of the spec: its name as printed, relative to the project folder, and its text."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return split_lines(self.text)


@record
class Entry:
    """Where one node stands: its key (None for list items and the root) and its value."""

    key: Span | None
    value: Span
    style: str | None = None  # of a scalar: None plain, ' or " quoted, | or > block
    text: str | None = None  # of a scalar: its value, before it is read as a number or a word


@record
class Sources:
    """The text of every file of a spec, and where each node of the composed document stands."""

    files: Mapping[str, SourceFile]
    entries: Mapping[YamlPath, Entry] = field(default_factory=dict)
    root: str = "mlops.yaml"

    def span(self, path: YamlPath, at: Side = "key", within: tuple[int, int] | None = None) -> Span:
        """The span of ``path``; a path that is not in the text falls back to its nearest ancestor.

        ``within`` is a pair of character offsets into the value of a scalar.
        """
        exact = path in self.entries
        while path not in self.entries and path:
            path = path[:-1]
        entry = self.entries.get(path)
        if entry is None:
            return Span(file=self.root, line=1, column=1, end_line=1, end_column=2)
        if exact and within is not None:
            return self._inside(entry, within)
        if at == "value" and exact:
            return entry.value
        return entry.key or entry.value

    def _inside(self, entry: Entry, within: tuple[int, int]) -> Span:
        """The span of characters ``within`` the value of a scalar, in the text as it is written."""
        if entry.text is None:
            return entry.value
        from .scalars import span_inside  # noqa: PLC0415  (only a diagnostic in a string needs it)

        return span_inside(self.files[entry.value.file], entry, within)
