"""Data as JSON and as block-style YAML: a thousand models have a million lines of it, so each text is quoted once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

import yaml

from .artifact import Json, Shared

WIDE = 10_000
"""No line of YAML is folded before this column."""

_PLAIN = re.compile(r"[A-Za-z$/](?:[A-Za-z0-9_./$@{}:=+,-]{4,}[A-Za-z0-9_./$@{}=+,-])")
"""Texts that need no quotes as a value: too long for `false`, and for the other words that YAML reads as no text."""

_BREAK = re.compile("[\n\x85\u2028\u2029]")
_SIMPLE_KEY = 120
"""A longer key would have to be written as `? key`."""


def json_text(data: Json) -> str:
    """What ``json.dumps`` gives with two spaces, sorted keys and no escapes but those that JSON needs."""
    return _json(data, "\n") + "\n"


def _json(value: Any, newline: str) -> str:
    return _PRINTERS.get(type(value), _other_json)(value, newline)


def _mapping(value: Mapping[str, Any], newline: str) -> str:
    if not value:
        return "{}"
    inner = newline + "  "
    lines = [f"{word}{_json(value[key], inner)}" for key, word in _keys(tuple(value))]
    return f"{{{inner}{f',{inner}'.join(lines)}{newline}}}"


@lru_cache(maxsize=1024)
def _keys(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The keys of a mapping in order, each as it stands before its value; most mappings have the keys of others."""
    return [(name, f"{encode_basestring(name)}: ") for name in sorted(names)]


def _list(value: Sequence[Any], newline: str) -> str:
    if not value:
        return "[]"
    inner = newline + "  "
    return f"[{inner}{f',{inner}'.join([_json(item, inner) for item in value])}{newline}]"


def _shared(value: Shared, newline: str) -> str:
    text = value.printed.get(newline)
    if text is None:
        text = value.printed[newline] = _mapping(value, newline)
    return text


def _tuple(value: tuple[Any, ...], newline: str) -> str:
    return _words(value, newline) if all(type(item) is str for item in value) else _list(value, newline)


@lru_cache(maxsize=4096)
def _words(words: tuple[str, ...], newline: str) -> str:
    """A tuple of words: most of them are the same in many models."""
    return _list(words, newline)


def _other_json(value: Any, newline: str) -> str:
    if isinstance(value, Mapping):
        return _mapping(value, newline)
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"{value} has no form in JSON")
    return json.dumps(value, ensure_ascii=False)


_PRINTERS: dict[type, Callable[[Any, str], str]] = {
    str: lambda value, _: encode_basestring(value),
    int: lambda value, _: str(value),
    dict: _mapping,
    list: _list,
    tuple: _tuple,
    Shared: _shared,
}


def yaml_text(data: Json) -> str:
    """The same as block-style YAML: lists indented below their key, texts of several lines as blocks, no aliases."""
    if not isinstance(data, Mapping | list | tuple) or not data:
        return dumped(data)
    try:
        return _block(data, "\n")[1:] + "\n"
    except _StrangeKeyError:
        return dumped(data)


class _StrangeKeyError(Exception):
    """A key that is too long for its line, or has several."""


def _block(value: Any, newline: str) -> str:
    """What follows ``key:`` on this and the next lines, each of which begins with ``newline``."""
    if isinstance(value, str):
        return f" {value if _PLAIN.fullmatch(value) else _quoted(value, len(newline) // 2)}"
    if isinstance(value, Mapping):
        inner = newline + "  "
        return "".join([f"{newline}{_key(key)}:{_block(item, inner)}" for key, item in value.items()]) or " {}"
    if isinstance(value, list | tuple):
        inner = newline + "  "
        return "".join([f"{newline}- {_item(item, inner)}" for item in value]) or " []"
    return f" {_other(value)}"


def _item(value: Any, newline: str) -> str:
    """One item of a list: its first line stands beside the dash."""
    if isinstance(value, Mapping | list | tuple) and value:
        return _block(value, newline)[len(newline) :]
    return _block(value, newline)[1:]


def _quoted(text: str, depth: int) -> str:
    return _scalar(text) if _BREAK.search(text) is None else _lines(text, depth)


def _lines(text: str, depth: int) -> str:
    """A text of several lines, as it stands below so many keys."""
    data: Json = text
    for _ in range(depth):
        data = {"k": data}
    head = sum(len(f"{'  ' * level}k:\n") for level in range(depth))
    whole = dumped(data)
    marked = whole.endswith("\n...\n")  # the mark at the end of a document that ends in empty lines
    return whole[head : -len("...\n") - 1 if marked else -1]


@lru_cache(maxsize=65_536)
def _scalar(text: str) -> str:
    """A text on one line."""
    return dumped({"k": text})[3:-1]


def _key(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and len(text) <= _SIMPLE_KEY else _quoted_key(text)


@lru_cache(maxsize=65_536)
def _quoted_key(text: str) -> str:
    if len(text) > _SIMPLE_KEY or _BREAK.search(text):
        raise _StrangeKeyError
    return dumped({text: 0})[:-4]


def _other(value: Any) -> str:
    words = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    return str(value) if type(value) is int else dumped({"k": value})[3:-1]


def dumped(data: Any) -> str:
    """The same by PyYAML, which takes its time."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=WIDE)


class _Dumper(yaml.SafeDumper):
    """Block style with indented lists, texts of several lines as blocks, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        """Indent lists below their key, as linters want it."""
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value again rather than refer to it."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_multi_representer(tuple, lambda dumper, value: dumper.represent_list(value))
_Dumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_dict(value))
