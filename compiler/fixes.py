"""Repairs as changes of the text: the characters to replace, in the quoting and layout of the place.

Only what is repaired changes: comments, quotes, indentation and line ends of everything else stay as they are.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import yaml

from .diagnostics import Diagnostic, Repair
from .loader import compose_text, plain
from .source import SourceFile, Sources, Span

Value = str | float | bool | None
"""What a repair puts into the text."""

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*|#[^\n]*\n\s*)*")
_ALIAS = re.compile(r"\s*:\s*\*[\w-]+")
_UNSAFE_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@` \t~")
_INDICATORS = re.compile(r": |:$| #|[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]")
_BREAKS = "\r\n\x85\u2028\u2029"
_FLOW = frozenset(",[]{}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextEdit:
    """Characters of one file, and what replaces them."""

    span: Span
    text: str


def text_edits(diagnostic: Diagnostic, documents: Documents) -> tuple[TextEdit, ...]:
    """What its fix changes, by place; nothing where one of its repairs cannot be written without harm."""
    found: list[TextEdit] = []
    for repair in diagnostic.fix:
        document = documents.get(repair.span.file)
        edit = document.edit(repair) if document else None
        if edit is None:
            return ()
        found.append(edit)
    return tuple(sorted(set(found)))


class Documents:
    """The files of a spec, each composed when the first fix needs it."""

    def __init__(self, sources: Sources) -> None:
        self._files = sources.files
        self._known: dict[str, Document] = {}

    def get(self, name: str) -> Document | None:
        """The document of the file called ``name``."""
        if name not in self._known and name in self._files:
            self._known[name] = Document(self._files[name])
        return self._known.get(name)


def overlap(one: Span, other: Span) -> bool:
    """Whether two edits touch the same characters, or insert at the same place."""
    if one.file != other.file:
        return False
    first, second = sorted((one, other))
    end, start = (first.end_line, first.end_column), (second.line, second.column)
    return start < end or start == (first.line, first.column)


def applied(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with edits that do not overlap."""
    starts = _line_starts(text)
    length = len(text)
    for edit in sorted(edits, reverse=True):
        start, end = _offsets(edit.span, starts, length)
        text = text[:start] + edit.text + text[end:]
    return text


def scalar(value: Value, style: str | None, *, flow: bool = False) -> str:
    """A value as a YAML scalar of one line, in the style that it had where that is possible."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and not _UNPRINTABLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    if style is None and _may_be_plain(value, flow=flow):
        return value
    return f'"{_escaped(value)}"'


def _may_be_plain(value: str, *, flow: bool) -> bool:
    if not value or value[0] in _UNSAFE_FIRST or value[-1] in " :" or not isinstance(plain(value), str):
        return False
    return not _INDICATORS.search(value) and not (flow and _FLOW & set(value)) and value not in ("---", "...", "<<")


def _escaped(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)[1:-1]
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


@dataclass(frozen=True, slots=True)
class _Place:
    """A node where it is written: its parent, and which part of it the node is."""

    node: yaml.Node
    parent: yaml.CollectionNode | None
    index: int
    key: bool = False

    @property
    def style(self) -> str | None:
        """The quotes of a scalar, or the sign of its block; None where it is plain."""
        return (self.node.style or None) if isinstance(self.node, yaml.ScalarNode) else None

    @property
    def in_flow(self) -> bool:
        """Whether it stands within brackets or braces."""
        return self.parent is not None and _is_flow(self.parent)


class Document:
    """One file and the tree that it was composed to."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self._starts = _line_starts(file.text)

    def edit(self, repair: Repair) -> TextEdit | None:
        """The change of the text that a repair comes to; None where it cannot be written for certain."""
        start, end = _offsets(repair.span, self._starts, len(self.text))
        if repair.action == "text":
            return TextEdit(span=repair.span, text=str(repair.value))
        if repair.action == "add":
            return self._added(start, repair)
        if repair.action == "remove":
            return self._removed(start, item=repair.place == "item")
        if repair.place == "inside":
            return self._inside(start, end, str(repair.value))
        return self._replaced(start, end, repair)

    @cached_property
    def _places(self) -> tuple[list[_Place], list[_Place]]:
        """The scalars, and the collections, as they stand in the text; what an alias repeats stands once."""
        root = compose_text(self.text)
        found = list(_walk(root)) if root is not None else []
        found.sort(key=lambda place: place.node.start_mark.index)
        scalars = [place for place in found if isinstance(place.node, yaml.ScalarNode)]
        return scalars, [place for place in found if isinstance(place.node, yaml.CollectionNode)]

    def _scalar(self, at: int) -> _Place | None:
        """The scalar that the character at an offset belongs to."""
        scalars = self._places[0]
        index = bisect_right(scalars, at, key=lambda place: place.node.start_mark.index) - 1
        place = scalars[index] if index >= 0 else None
        return place if place and at <= place.node.end_mark.index else None

    def _collections(self, at: int) -> Iterator[_Place]:
        """The collections that begin at an offset, behind their anchor or tag; the innermost first."""
        collections = self._places[1]
        index = bisect_right(collections, at, key=lambda place: place.node.start_mark.index)
        for place in reversed(collections[:index]):
            start = place.node.start_mark.index
            properties = _PROPERTIES.match(self.text, start)
            if start == at or (properties and properties.end() >= at):
                yield place
            elif start < at - 200:  # an anchor is not that long
                return

    def _between(self, start: int, end: int, text: str) -> TextEdit:
        """The edit of the characters between two offsets."""
        lines = [bisect_right(self._starts, offset) for offset in (start, end)]
        columns = [offset - self._starts[line - 1] + 1 for offset, line in zip((start, end), lines, strict=True)]
        span = Span(file=self.file.name, line=lines[0], column=columns[0], end_line=lines[1], end_column=columns[1])
        return TextEdit(span=span, text=text)

    def _replaced(self, start: int, end: int, repair: Repair) -> TextEdit | None:
        place = self._scalar(start)
        if place is None or place.key is not (repair.place == "key"):
            return self._replaced_flow(start, end, repair)
        node = place.node
        text = scalar(repair.value, place.style, flow=place.in_flow)
        if node.start_mark.index == node.end_mark.index:  # nothing is written
            return self._between(start, start, f" {text}" if not self.text[:start].endswith(" ") else text)
        return self._between(start, end, text)

    def _replaced_flow(self, start: int, end: int, repair: Repair) -> TextEdit | None:
        """The same for a flow collection; a block one has no end that could be told from what follows."""
        place = next(self._collections(start), None)
        if place is None or not _is_flow(place.node) or repair.place == "key":
            return None
        return self._between(start, end, scalar(repair.value, None, flow=True))

    def _inside(self, start: int, end: int, value: str) -> TextEdit | None:
        """Characters within a string; where they need quotes that are not there, the whole of it is quoted."""
        place = self._scalar(start)
        if place is None:
            return None
        node, style = place.node, place.style
        if style == '"':
            return self._between(start, end, _escaped(value))
        if style == "'":
            value = value.replace("'", "''")
        if _UNPRINTABLE.search(value):
            return None
        if style is not None or self._fits(place, start, end, value):
            return self._between(start, end, value)
        return self._quoted(node, start, end, value)

    def _quoted(self, node: yaml.Node, start: int, end: int, value: str) -> TextEdit | None:
        """A plain scalar in quotes, with characters of it replaced."""
        first = _PROPERTIES.match(self.text, node.start_mark.index)
        begin, last = first.end() if first else start, node.end_mark.index
        if self.text[begin:last] != node.value:  # of several lines: its layout would be lost
            return None
        whole = node.value[: start - begin] + value + node.value[end - begin :]
        return self._between(begin, last, f'"{_escaped(whole)}"')

    def _fits(self, place: _Place, start: int, end: int, value: str) -> bool:
        """Whether a plain scalar stays one and text."""
        last = place.node.end_mark.index
        first = _PROPERTIES.match(self.text, place.node.start_mark.index)
        whole = self.text[first.end() if first else start : start] + value + self.text[end:last]
        return _may_be_plain(" ".join(whole.split()), flow=place.in_flow)

    def _added(self, start: int, repair: Repair) -> TextEdit | None:
        """A new last entry of a mapping."""
        place = next((one for one in self._collections(start) if isinstance(one.node, yaml.MappingNode)), None)
        if place is None:
            return None
        node, flow = place.node, _is_flow(place.node)
        entry = f"{scalar(repair.key, None, flow=flow)}: {scalar(repair.value, None, flow=flow)}"
        if not node.value:
            brace = self.text.index("{", start) + 1
            return self._between(brace, brace, entry)
        last = self._end(node.value[-1])
        if flow:
            return self._between(last, last, f", {entry}")
        column = node.value[0][0].start_mark.column
        line = self._line(last)
        indent = self._starts[line] if line < len(self._starts) else len(self.text)
        bare = len(self.text[:indent].rstrip(_BREAKS))
        return self._between(bare, bare, f"{self._newline}{' ' * column}{entry}")

    def _removed(self, start: int, *, item: bool) -> TextEdit | None:
        """An item of a list, or an entry of a mapping, with the separator that is then one too many."""
        place = self._item(start) if item else self._scalar(start)
        if place is None or place.parent is None or place.key is item:
            return None
        siblings = place.parent.value
        if place.in_flow:
            return self._removed_flow(place, siblings)
        if len(siblings) == 1:
            return None
        first = _begin(siblings[place.index])
        first_line = self._line(first)
        before = self.text[self._starts[first_line - 1] : first]
        if before.strip() not in (("-",) if item else ("",)):
            return self._removed_first(place, siblings, before, item=item)
        last_line = self._line(max(self._end(siblings[place.index]) - 1, first))
        end = self._starts[last_line] if last_line < len(self._starts) else len(self.text)
        return self._between(self._starts[first_line - 1], end, "")

    def _removed_first(self, place: _Place, siblings: list[object], before: str, *, item: bool) -> TextEdit | None:
        """The first entry of a mapping that begins behind a dash: the second one takes its place."""
        if item or before.strip(" -") or place.index or len(siblings) == 1:
            return None
        start, end = _begin(siblings[0]), _begin(siblings[1])
        return None if "#" in self.text[self._end(siblings[0]) : end] else self._between(start, end, "")

    def _removed_flow(self, place: _Place, siblings: list[object]) -> TextEdit | None:
        start, end = _begin(siblings[place.index]), self._end(siblings[place.index])
        if place.index + 1 < len(siblings):
            following = _begin(siblings[place.index + 1])
            between, end = self.text[end:following], following
        elif place.index:
            previous = self._end(siblings[place.index - 1])
            between, start = self.text[previous:start], previous
        else:
            between = ""
        return self._between(start, end, "") if not between.strip(" ,\r\n\t") else None

    def _item(self, start: int) -> _Place | None:
        """The item of a list that begins at an offset."""
        found = self._scalar(start)
        scalars = [found] if found and found.node.start_mark.index <= start else []
        places = [*scalars, *self._collections(start)]
        return next((one for one in places if isinstance(one.parent, yaml.SequenceNode)), None)

    def _end(self, part: object) -> int:
        """The offset behind the last sign of a node or of an entry."""
        node = part[1] if isinstance(part, tuple) else part
        assert isinstance(node, yaml.Node)  # noqa: S101  (for the types)
        begin = part[0].end_mark.index if isinstance(part, tuple) else node.start_mark.index
        alias = _ALIAS.match(self.text, begin) if node.start_mark.index < begin else None
        if alias:
            return int(alias.end())
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            inner = node.value[-1]
            if isinstance(inner, tuple) or inner.start_mark.index >= begin:
                return self._end(inner)
        return int(begin + len(self.text[begin : max(node.end_mark.index, begin)].rstrip()))

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def _walk(root: yaml.Node) -> Iterator[_Place]:
    """Every node once, where it is written."""
    stack = [_Place(root, None, 0)]
    seen: set[int] = set()
    while stack:
        place = stack.pop()
        if id(place.node) in seen:
            continue
        seen.add(id(place.node))
        yield place
        if isinstance(place.node, yaml.SequenceNode):
            stack += [_Place(node, place.node, at) for at, node in reversed(list(enumerate(place.node.value)))]
        elif isinstance(place.node, yaml.MappingNode):
            for at, (key, value) in reversed(list(enumerate(place.node.value))):
                stack += [_Place(value, place.node, at), _Place(key, place.node, at, key=True)]


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _begin(part: object) -> int:
    node = part[0] if isinstance(part, tuple) else part
    assert isinstance(node, yaml.Node)  # noqa: S101  (for the types)
    return int(node.start_mark.index)


@lru_cache(maxsize=8)  # every diagnostic of one file asks for them
def _line_starts(text: str) -> list[int]:
    """The offset of each line; of an empty last one too."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts if not text or text[-1] in _BREAKS else starts[:-1]


def _offsets(span: Span, starts: list[int], length: int) -> tuple[int, int]:
    start, end = (
        min(starts[line - 1] + column - 1, length) if line <= len(starts) else length
        for line, column in ((span.line, span.column), (span.end_line, span.end_column))
    )
    return start, max(start, end)


def harmless_edit(text: str, edit: TextEdit, repair: Repair) -> bool:
    """Whether an edit changes one value, or takes away or adds one stretch of the document, and nothing else of it."""
    if repair.action == "text":
        return compose_text(applied(text, [edit])) is not None
    try:
        old, new = _events(text), _events(applied(text, [edit]))
    except yaml.YAMLError:
        return False
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    if repair.action == "replace":
        return len(old) == len(new) and old[first + 1 :] == new[first + 1 :]
    longer, shorter = (old, new) if repair.action == "remove" else (new, old)
    extra = len(longer) - len(shorter)
    return extra > 0 and longer[first + extra :] == shorter[first:]


def _events(text: str) -> list[tuple[object, ...]]:
    """A document without its places and styles: what is there, in order."""
    found: list[tuple[object, ...]] = []
    for event in yaml.parse(text, yaml.CBaseLoader):
        value: object = None
        if isinstance(event, yaml.ScalarEvent):
            value = event.value if event.style else plain(event.value)
            value = (type(value).__name__, value)
        found.append((type(event).__name__, getattr(event, "anchor", None), getattr(event, "tag", None), value))
    return found
