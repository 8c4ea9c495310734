"""Text to plain data, with the place of every key and scalar, in one walk over the nodes that libyaml composes."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from .diagnostics import CodeInfo, Diagnostic, Label, Repair, Severity, readable
from .nodes import NodeEntries, is_merge, merged_nodes, node_span
from .records import record
from .source import LINE_END, SourceFile, Sources, Span

MAX_BYTES = 16_000_000
MAX_DEPTH = 64
MAX_COPIES = 100_000
"""How many nodes aliases may add by being repeated."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TAGS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}
_TEXT = _TAGS[yaml.ScalarNode]
_FLATTEN = "no part of a spec is that deep: remove the levels that mean nothing"
_BRACKETS = re.compile(r"[\[{\]}]")
_DEEP_LINE = re.compile(r"^[ \t?:-]{400}", re.MULTILINE)
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""What no text may hold: a terminal obeys it, or it makes the text look like another one."""


CODES = (
    CodeInfo(
        code="MLC101",
        severity=Severity.ERROR,
        title="file that cannot be read as a spec",
        explanation="The file is missing, empty, not UTF-8, holds control characters, written or escaped, or is "
        "no mapping of keys. Save it as UTF-8 text; `mlopsc init` writes a first spec.",
    ),
    CodeInfo(
        code="MLC102",
        severity=Severity.ERROR,
        title="not YAML",
        explanation="The text breaks the rules of YAML at this place or shortly before it: a tab as indentation, a "
        "value with ': ' that needs quotes, a bracket or a quote that is not closed. Nothing else can be checked "
        "until it is mended.",
    ),
    CodeInfo(
        code="MLC103",
        severity=Severity.ERROR,
        title="key that stands twice",
        explanation="YAML would let the second one win silently, and the first would be lost. Both places are shown.",
    ),
    CodeInfo(
        code="MLC104",
        severity=Severity.ERROR,
        title="nested too deeply, or repeated too often",
        explanation="A spec is a few levels deep. Deeper nesting, an alias that contains itself, and aliases that "
        "multiply into very many nodes are refused before they cost memory.",
    ),
    CodeInfo(
        code="MLC105",
        severity=Severity.ERROR,
        title="YAML that the language does not use",
        explanation="Tags such as `!!python/object`, keys that are lists or mappings, and merges of something that is "
        "no mapping have no meaning in a spec. `{{ … }}` is such a key: a spec is not a template.",
    ),
)


@record
class Loaded:
    """One file of the spec: ``data`` is None where it could not be read as a mapping."""

    data: dict[str, Any] | None
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    included: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the files that each pattern matches


@record
class _Text:
    """A file's name and text while it is read."""

    name: str
    text: str

    def refused(self, code: str, message: str, span: Span, label: str = "", help_: str | None = None) -> Loaded:
        """The result of a file that stays unread for one reason."""
        found = _error(code, message, span, label, help_)
        return Loaded(data=None, sources=self.sources({}), diagnostics=(found,))

    def sources(self, entries: Any) -> Sources:
        """The sources of this file alone."""
        return Sources(files={self.name: SourceFile(name=self.name, text=self.text)}, entries=entries, root=self.name)

    def at(self, offset: int) -> Span:
        """The span of the one character at ``offset``."""
        before = LINE_END.split(self.text[:offset])
        line, column = len(before), len(before[-1]) + 1
        return Span(file=self.name, line=line, column=column, end_line=line, end_column=column + 1)


def load(path: Path, name: str | None = None) -> Loaded:
    """The file at ``path``, shown as ``name`` in diagnostics; whatever its bytes are, this does not raise."""
    name = readable(name or path.name)
    empty = _Text(name=name, text="")
    try:
        if path.stat().st_size > MAX_BYTES:
            message = f"'{name}' is larger than {MAX_BYTES // 1_000_000} MB"
            return empty.refused("MLC101", message, empty.at(0), help_="split it over files with 'include:'")
        raw = path.read_bytes()
    except OSError as error:
        message = f"cannot read '{name}': {(error.strerror or str(error)).lower()}"
        return empty.refused("MLC101", message, empty.at(0), help_="check that it is there and that you may read it")
    return load_bytes(raw, name)


def load_bytes(raw: bytes, name: str) -> Loaded:
    """The same for bytes that are already here."""
    try:
        return load_text(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        text = _Text(name=name, text=raw.decode("utf-8", errors="replace"))
        offset = len(raw[: error.start].decode("utf-8-sig", errors="replace"))
        message = f"'{name}' is not UTF-8: byte 0x{raw[error.start]:02x} cannot stand here"
        return text.refused("MLC101", message, text.at(offset), help_="save the file with the encoding UTF-8")


def load_text(content: str, name: str) -> Loaded:
    """The same for text."""
    text = _Text(name=name, text=content.removeprefix("\ufeff"))
    control = _CONTROL.search(text.text)
    if control:
        message = f"the control character U+{ord(control[0]):04X} cannot stand in YAML"
        return text.refused("MLC101", message, text.at(control.start()), help_="remove the character")
    if _too_deep(text.text):
        message = f"nested deeper than {MAX_DEPTH} levels"
        return text.refused("MLC104", message, text.at(0), help_=_FLATTEN)
    try:
        with _no_collection():
            return _loaded(_Composer(text.text).get_single_node(), text)
    except yaml.YAMLError as error:
        from .yaml_errors import explained  # noqa: PLC0415  (only a broken file needs it)

        return Loaded(data=None, sources=text.sources({}), diagnostics=(explained(error, text.name, text.text),))


def compose_text(text: str) -> yaml.Node | None:
    """The tree of a text that was loaded before, for who changes the text; None where it is not YAML."""
    try:
        with _no_collection():
            return _Composer(text).get_single_node()
    except yaml.YAMLError:
        return None


class _Composer(yaml.CBaseLoader):
    """Nodes as they are written: what an unquoted scalar means is decided by ``plain``, not by YAML 1.1."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: object) -> str:
        """The tag of a node without one."""
        del value, implicit
        return _TAGS[kind]

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """No tag depends on the path."""

    def ascend_resolver(self) -> None:
        """No tag depends on the path."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hundreds of thousands of nodes without a cycle: the garbage collector would only walk them, again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _loaded(root: yaml.Node | None, text: _Text) -> Loaded:
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value in ("", "~", "null")):
        return text.refused("MLC101", f"'{text.name}' is empty", text.at(0), help_="`mlopsc init` writes a first spec")
    walk = _Walk(file=text.name)
    data = walk.value(root, 0) if walk.bounded(root, text.text) else None
    file = SourceFile(name=text.name, text=text.text)
    sources = text.sources(NodeEntries(root, file) if data is not None else {})
    if not isinstance(data, dict) and not walk.problems:
        found = f"a spec is a mapping of keys such as 'data:' and 'models:', found {_kind_of(root)}"
        walk.problem(
            "MLC101", found, root, "begin with 'data:' at the start of a line; `mlopsc init` writes a first spec"
        )
    read = isinstance(data, dict) and not walk.templated  # what the rest of a template would mean, nobody knows
    return Loaded(data=data if read else None, sources=sources, diagnostics=tuple(walk.problems))


def _too_deep(text: str) -> bool:
    """Whether composing would recurse too far for the C stack: a quick upper estimate, before libyaml sees it."""
    if _DEEP_LINE.search(text):
        return True
    depth = deepest = 0
    if text.count("[") + text.count("{") > 4 * MAX_DEPTH:
        for bracket in _BRACKETS.finditer(text):
            depth += 1 if bracket[0] in "[{" else -1
            deepest = max(deepest, depth)
    return deepest > 4 * MAX_DEPTH


class _TooMuchError(Exception):
    """The walk stops: what was found is already reported."""


@dataclass(slots=True)
class _Walk:
    """Turns nodes into plain data and collects what is wrong with them."""

    file: str
    problems: list[Diagnostic] = field(default_factory=list)
    templated: bool = False

    def problem(self, code: str, message: str, node: yaml.Node, help_: str | None = None) -> None:
        """Report something about ``node``."""
        self.problems.append(_error(code, message, node_span(node, self.file), "", help_))

    def bounded(self, root: yaml.Node, text: str) -> bool:
        """Whether aliases repeat little enough to expand them, and none contains itself."""
        if "*" not in text or "&" not in text:
            return True
        sizes: dict[int, int] = {}
        try:
            total = self._size(root, sizes, 0)
        except _TooMuchError:
            return False
        if total - len(sizes) > MAX_COPIES:
            self.problem("MLC104", f"aliases repeat more than {MAX_COPIES:,} nodes", root, "write fewer aliases")
            return False
        return True

    def _size(self, node: yaml.Node, sizes: dict[int, int], depth: int) -> int:
        if not isinstance(node, yaml.CollectionNode):
            return 1
        known = sizes.get(id(node))
        if known == 0 or depth > MAX_DEPTH:
            message = "an alias contains itself" if known == 0 else f"nested deeper than {MAX_DEPTH} levels"
            self.problem("MLC104", message, node, "remove the alias" if known == 0 else _FLATTEN)
            raise _TooMuchError
        if known is None:
            sizes[id(node)] = 0
            parts = node.value
            if isinstance(node, yaml.MappingNode):
                parts = [part for pair in parts for part in pair]
            known = sizes[id(node)] = 1 + sum(self._size(part, sizes, depth + 1) for part in parts)
        return known

    def value(self, node: yaml.Node, depth: int) -> Any:
        """The plain data of ``node``."""
        if depth > MAX_DEPTH:
            self.problem("MLC104", f"nested deeper than {MAX_DEPTH} levels", node, _FLATTEN)
            return None
        if node.tag != _TAGS[type(node)]:
            message = f"the tag '{node.tag.replace('tag:yaml.org,2002:', '!!')}' is not supported"
            self.problem("MLC105", message, node, "remove it; put text that looks like a number in quotes")
        if isinstance(node, yaml.ScalarNode):
            return self._text(node) if node.style else plain(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self._mapping(node, depth) if isinstance(node, yaml.MappingNode) else None

    def _text(self, node: yaml.ScalarNode) -> str:
        """The text of a quoted scalar; an escape may not bring in what may not be written."""
        control = _CONTROL.search(node.value) if node.style == '"' else None
        if control:
            message = f"an escape stands for the control character U+{ord(control[0]):04X}, which no value may hold"
            self.problem("MLC101", message, node, "remove the escape")
        return str(node.value)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        places: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        merges = []
        for key, value in node.value:
            if type(key) is not yaml.ScalarNode:
                self._no_word(key, node)
            elif key.value == "<<" and is_merge(key):
                merges.append(value)
            elif key.value in data:
                first, known = places[key.value]
                self._duplicate(key, first, same=_same(known, value))
            else:
                places[key.value] = (key, value)
                # Most values are plain text: they need no further call.
                simple = type(value) is yaml.ScalarNode and value.tag == _TEXT and not value.style
                data[self._text(key) if key.style else key.value] = (
                    plain(value.value) if simple and depth < MAX_DEPTH else self.value(value, depth + 1)
                )
        for value in merges:
            self._merge(value, data, depth)
        return data

    def _no_word(self, key: yaml.Node, around: yaml.Node) -> None:
        if _is_template(key, around):
            self.templated = True
            help_ = "write the value itself, or ${NAME} for a declared secret or variable"
            self.problem("MLC105", "a spec is no template: nothing fills in '{{ … }}'", around, help_)
        else:
            self.problem("MLC105", f"a key must be a word, found {_kind_of(key)}", key, "write a name")

    def _merge(self, value: yaml.Node, data: dict[str, Any], depth: int) -> None:
        for inherited in merged_nodes(value):
            if not isinstance(inherited, yaml.MappingNode):
                self.problem(
                    "MLC105", f"'<<' takes a mapping, found {_kind_of(inherited)}", inherited, "write `<<: *anchor`"
                )
                continue
            for name, item in self._mapping(inherited, depth + 1).items():
                data.setdefault(name, item)

    def _duplicate(self, key: yaml.ScalarNode, first: yaml.Node, *, same: bool) -> None:
        span = node_span(key, self.file)
        self.problems.append(
            Diagnostic(
                code="MLC103",
                severity=Severity.ERROR,
                message=f"the key '{key.value}' stands here twice",
                primary=Label(span=span, text="the second one, with the same value" if same else "the second one"),
                related=(Label(span=node_span(first, self.file), text="the first one is here"),),
                help="remove one of them" if same else "remove one of them, or give it another name",
                fix=(Repair(span=span, action="remove", place="key"),) if same else (),
            )
        )


def _is_template(key: yaml.Node, around: yaml.Node) -> bool:
    """Whether a key is the inner pair of ``{{ … }}``, which YAML reads as a mapping that is a key."""
    return isinstance(key, yaml.MappingNode) and key.start_mark.index == around.start_mark.index + 1


def plain(text: str) -> Any:
    """The value of an unquoted scalar: null, true, false, a number, else text; `on`, `yes` and dates are text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and isfinite(number := float(text)):
            return number
    return text


def _same(one: yaml.Node, other: yaml.Node) -> bool:
    """Whether two scalars are written alike; of lists and mappings that is not asked."""
    if not isinstance(one, yaml.ScalarNode) or not isinstance(other, yaml.ScalarNode):
        return False
    return (one.value, bool(one.style)) == (other.value, bool(other.style))


def _kind_of(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    written = isinstance(node, yaml.ScalarNode) and (node.value or node.style)
    return f"'{node.value}'" if written else "nothing"


def _error(code: str, message: str, span: Span, label: str, help_: str | None) -> Diagnostic:
    primary = Label(span=span, text=label)
    return Diagnostic(code=code, severity=Severity.ERROR, message=message, primary=primary, help=help_)
