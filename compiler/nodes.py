"""Where the nodes of a YAML tree stand, looked up only for the few places that a diagnostic points at."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import replace

import yaml

from .source import Entry, SourceFile, Span, YamlPath

_DEEPEST = 100
_PROPERTY = re.compile(r"[&!]\S*\s*")
LONG = 8
"""A text of so many characters may be anything: a password, a telephone number."""
_REMARKABLE = re.compile(r"[$@]|[A-Z]{2}\d\d")
"""What a shorter text may hold that a rule for all texts looks for: a reference, an address, an account number."""
Pair = tuple[yaml.Node | None, yaml.Node]
Leaf = tuple[YamlPath, str, int, int]
"""A text of interest: its path, its file, and where its text begins and ends there, in characters."""


class NodeEntries(Mapping[YamlPath, Entry]):
    """The places of one file, found by walking down its tree; nothing is computed before it is asked for."""

    def __init__(self, root: yaml.Node, file: SourceFile) -> None:
        self._root = root
        self._file = file
        self._lines: list[str] = []
        self._children: dict[int, dict[str | int, Pair]] = {}

    def __getitem__(self, path: YamlPath) -> Entry:
        """The entry of ``path``; KeyError where the text does not have it."""
        pair: Pair = (None, self._root)
        for part in path:
            pair = self._of(pair[1])[part]
        return self._entry(pair)

    def __contains__(self, path: object) -> bool:
        """Whether the text has ``path``; where it stands is not computed."""
        pair: Pair = (None, self._root)
        try:
            for part in path if isinstance(path, tuple) else ():
                pair = self._of(pair[1])[part]
        except KeyError:
            return False
        return isinstance(path, tuple)

    def __iter__(self) -> Iterator[YamlPath]:
        """Every path, parents first."""
        return (path for path, _ in self._pairs())

    def items(self) -> ItemsView[YamlPath, Entry]:
        """Every path with its entry, found in one walk."""
        return _Items(self, ((path, self._entry(pair)) for path, pair in self._pairs()))

    def _pairs(self) -> Iterator[tuple[YamlPath, Pair]]:
        stack: list[tuple[YamlPath, Pair]] = [((), (None, self._root))]
        while stack:
            path, pair = stack.pop()
            yield path, pair
            if isinstance(pair[1], yaml.CollectionNode):
                children = [((*path, part), below) for part, below in self._of(pair[1]).items()]
                stack.extend(reversed(children))

    def leaves(self) -> Iterator[Leaf]:
        """Every scalar whose text is long, or has a sign that short ones of interest have."""
        file, text = self._file.name, self._file.text
        stack: list[tuple[YamlPath, yaml.Node]] = [((), self._root)]
        pop, push, remarkable = stack.pop, stack.append, _REMARKABLE.search
        while stack:
            path, node = pop()
            if type(node) is yaml.ScalarNode or not node.value:
                start, end = node.start_mark.index, node.end_mark.index
                if end - start >= LONG or remarkable(text, start, end):
                    yield path, file, start, end
            elif type(node) is yaml.SequenceNode:
                for index in range(len(node.value) - 1, -1, -1):
                    push(((*path, index), node.value[index]))
            else:
                for part, pair in reversed(self._of(node).items()):
                    push(((*path, part), pair[1]))

    def _entry(self, pair: Pair) -> Entry:
        key, value = pair
        style, text = (value.style or None, value.value) if isinstance(value, yaml.ScalarNode) else (None, None)
        return Entry(key=self._span(key) if key else None, value=self._span(value), style=style, text=text)

    def _span(self, node: yaml.Node) -> Span:
        """The span of what is written of a node: without its anchor and tag, and without blank lines at its end."""
        self._lines = self._lines or self._file.lines
        span, lines = node_span(node, self._file.name), self._lines
        if span.line <= len(lines) and lines[span.line - 1][span.column - 1 : span.column] in ("&", "!"):
            span = _without_properties(span, lines)
        return _without_blank_end(span, lines) if span.end_line > span.line else span

    def __len__(self) -> int:
        """How many places there are."""
        return sum(1 for _ in self)

    def _of(self, node: yaml.Node) -> dict[str | int, Pair]:
        known = self._children.get(id(node))
        if known is None:
            known = self._children[id(node)] = _children(node)
        return known


class _Items(ItemsView[YamlPath, Entry]):
    """The items of a mapping whose walk is cheaper than looking each of them up."""

    def __init__(self, entries: Mapping[YamlPath, Entry], walk: Iterator[tuple[YamlPath, Entry]]) -> None:
        super().__init__(entries)
        self._walk = walk

    def __iter__(self) -> Iterator[tuple[YamlPath, Entry]]:
        """Every path with its entry."""
        return self._walk


class _Redirected(Mapping[YamlPath, Entry]):
    """The places of another mapping, some of them found elsewhere than their path says."""

    def __init__(self, entries: Mapping[YamlPath, Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[YamlPath]:
        """Every path that leads somewhere."""
        return (path for path in self._entries if path in self)

    def __len__(self) -> int:
        """How many places there are."""
        return sum(1 for _ in self)

    @abstractmethod
    def leaves(self) -> Iterator[Leaf]:
        """The scalars of interest, under the path that is meant."""


class RenamedEntries(_Redirected):
    """The places of a document some of whose keys were mistyped: a mended path leads to the key as written."""

    def __init__(self, entries: Mapping[YamlPath, Entry], renames: Mapping[YamlPath, str]) -> None:
        super().__init__(entries)
        self._renames = renames
        self._mended = {(*path[:-1], written): path[-1] for path, written in renames.items()}

    def __iter__(self) -> Iterator[YamlPath]:
        """Every path, mended."""
        return (self._meant(written) for written in self._entries)

    def leaves(self) -> Iterator[Leaf]:
        """The scalars of interest, their paths mended."""
        return ((self._meant(written), file, start, end) for written, file, start, end in leaves(self._entries))

    def _meant(self, written: YamlPath) -> YamlPath:
        path: YamlPath = ()
        for part in written:
            path = (*path, self._mended.get((*path, part), part))
        return path

    def __getitem__(self, path: YamlPath) -> Entry:
        """The entry of ``path``; KeyError where the text does not have it."""
        written = tuple(self._renames.get(path[: index + 1], part) for index, part in enumerate(path))
        return self._entries[written]


class IncludedEntries(_Redirected):
    """The places of the main file, and of the definitions that included files own."""

    def __init__(self, entries: Mapping[YamlPath, Entry]) -> None:
        super().__init__(entries)
        self._owners: dict[YamlPath, Mapping[YamlPath, Entry]] = {}

    def own(self, definition: YamlPath, entries: Mapping[YamlPath, Entry]) -> None:
        """Say that the definition at this path of two parts stands in another file."""
        self._owners[definition] = entries

    def leaves(self) -> Iterator[Leaf]:
        """Those of the main file, then those of the included definitions."""
        yield from (leaf for leaf in leaves(self._entries) if leaf[0][:2] not in self._owners)
        for entries in {id(one): one for one in self._owners.values()}.values():
            yield from (leaf for leaf in leaves(entries) if self._owners.get(leaf[0][:2]) is entries)

    def __iter__(self) -> Iterator[YamlPath]:
        """Every path of the main file, then those of the included definitions."""
        yield from (path for path in self._entries if path[:2] not in self._owners)
        for definition, entries in self._owners.items():
            yield from (path for path in entries if path[:2] == definition)

    def __getitem__(self, path: YamlPath) -> Entry:
        """The entry of ``path``; KeyError where no file has it."""
        owner = self._owners.get(path[:2])
        if owner is not None:
            return owner[path]
        if path not in self._entries:
            for definition, entries in self._owners.items():
                if definition[:1] == path:
                    return entries[path]
        return self._entries[path]


class OverriddenEntries(_Redirected):
    """The places of the base document, and in the ``set`` of an environment those that it changes."""

    def __init__(self, entries: Mapping[YamlPath, Entry], home: YamlPath, leaves: frozenset[YamlPath]) -> None:
        super().__init__(entries)
        self._home = home
        self._leaves = leaves

    def __getitem__(self, path: YamlPath) -> Entry:
        """The entry of ``path``; KeyError where neither text has it."""
        if not self._changed(path) and path in self._entries:
            return self._entries[path]
        return self._entries[(*self._home, *path)]

    def leaves(self) -> Iterator[Leaf]:
        """The scalars of interest that are not changed; what it is changed to stands in ``set``."""
        return (leaf for leaf in leaves(self._entries) if not self._changed(leaf[0]))

    def _changed(self, path: YamlPath) -> bool:
        return any(path[:end] in self._leaves for end in range(1, len(path) + 1))


def leaves(entries: Mapping[YamlPath, Entry]) -> Iterator[Leaf]:
    """Every scalar of interest, in the order of the text; none where there is no text."""
    return entries.leaves() if isinstance(entries, NodeEntries | _Redirected) else iter(())


def _without_properties(span: Span, lines: list[str]) -> Span:
    """The span without the anchor and the tag that it begins with; the same where nothing else is there."""
    line, column = span.line, span.column
    end = (span.end_line, span.end_column)
    while (line, column) < end and line <= len(lines):
        rest = lines[line - 1][column - 1 :]
        found = _PROPERTY.match(rest)
        if found:
            column += found.end()
        elif rest.strip() and not rest.startswith("#"):
            return replace(span, line=line, column=column)
        else:
            line, column = line + 1, 1
            column += len(lines[line - 1]) - len(lines[line - 1].lstrip()) if line <= len(lines) else 0
    return span


def _without_blank_end(span: Span, lines: list[str]) -> Span:
    """The span up to its last sign: a block ends, for libyaml, where the next thing begins."""
    line, column = span.end_line, span.end_column
    while line > span.line and not (line <= len(lines) and lines[line - 1][: column - 1].strip(" \t")):
        line -= 1
        column = len(lines[line - 1].rstrip(" \t")) + 1 if line <= len(lines) else 1
    return replace(span, end_line=line, end_column=column)


def is_merge(key: yaml.Node) -> bool:
    """Whether a key is the merge key ``<<``."""
    return isinstance(key, yaml.ScalarNode) and not key.style and key.value == "<<"


def _children(node: yaml.Node) -> dict[str | int, Pair]:
    if isinstance(node, yaml.SequenceNode):
        return {index: (None, value) for index, value in enumerate(node.value)}
    found: dict[str | int, Pair] = {}
    if isinstance(node, yaml.MappingNode):
        found = {pair[0].value: pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)}
        if len(found) == len(node.value) and "<<" not in found:
            return found
        found = {}
        for key, value in node.value:
            if not is_merge(key) and isinstance(key, yaml.ScalarNode):
                found.setdefault(key.value, (key, value))
        for key, value in node.value:
            if is_merge(key):
                for inherited in merged_nodes(value):
                    for name, pair in _children(inherited).items():
                        found.setdefault(name, pair)
    return found


def merged_nodes(value: yaml.Node) -> list[yaml.Node]:
    """The mappings that a merge key brings in, the first of which wins."""
    return list(value.value) if isinstance(value, yaml.SequenceNode) else [value]


def node_span(node: yaml.Node, file: str) -> Span:
    """The span of a node; of a block, up to the end of its last child and not the blank lines after it."""
    start, last = node.start_mark, node
    for _ in range(_DEEPEST):  # an alias may contain itself
        if not isinstance(last, yaml.CollectionNode) or last.flow_style or not last.value:
            break
        last = last.value[-1][1] if isinstance(last, yaml.MappingNode) else last.value[-1]
    end = last.end_mark
    if (end.line, end.column) < (start.line, start.column):  # an alias: its anchor stands above
        end = start
    if (end.line, end.column) == (start.line, start.column):
        return Span(
            file=file,
            line=start.line + 1,
            column=start.column + 1,
            end_line=start.line + 1,
            end_column=start.column + 2,
        )
    return Span(
        file=file, line=start.line + 1, column=start.column + 1, end_line=end.line + 1, end_column=end.column + 1
    )
