"""Data as JSON and as block-style YAML: a thousand models have a million lines of it, so each text is quoted once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from .artifact import Json

WIDE = 10_000
"""No line of YAML is folded before this column."""

_PLAIN = re.compile(r"[A-Za-z$/](?:[A-Za-z0-9_./$@{}:=+,-]{4,}[A-Za-z0-9_./$@{}=+,-])")
"""Texts that need no quotes as a value: too long for `false`, and for the other words that YAML reads as no text."""

_BREAK = re.compile("[\n\x85\u2028\u2029]")
_SIMPLE_KEY = 120
"""A longer key would have to be written as `? key`."""


def json_text(data: Json) -> str:
    """JSON with two spaces, sorted keys, and no escapes but those that JSON needs."""
    import orjson  # noqa: PLC0415  (a compile that writes no JSON, or nothing, does not need it)

    try:
        printed = orjson.dumps(data, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits, or half of a surrogate pair
        return json.dumps(data, default=_plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return printed.decode() + "\n"


def _plain(value: Any) -> Any:
    """What a printer that knows only lists and dictionaries makes of the other kinds."""
    return dict(value) if isinstance(value, Mapping) else list(value)


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
