"""Values of the user's, made safe for the place in a file where they land."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from .diagnostics import MlopscError

_PLAIN_YAML = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./@:+-]*")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|&~]|^[-+=])")
_ITEM = re.compile(r"^([0-9]+)([.)])")


class Quoted(str):
    """Text that went through a filter, or that a printer of ours made: it may stand in a file as it is."""

    __slots__ = ()


def python(value: Any) -> Quoted:
    """A Python literal, with double quotes as the formatter wants them."""
    if isinstance(value, str):
        return Quoted(_UNPRINTABLE.sub(_python_escape, json.dumps(value, ensure_ascii=False)))
    if isinstance(value, list | tuple):
        return Quoted("[" + ", ".join(python(item) for item in value) + "]")
    if isinstance(value, Mapping):
        return Quoted("{" + ", ".join(f"{python(key)}: {python(item)}" for key, item in value.items()) + "}")
    return Quoted(repr(value))


def shell(value: str | int) -> Quoted:
    """One word of a POSIX shell."""
    return Quoted(shlex.quote(str(value)))


def yaml(value: str | float | bool | None) -> Quoted:  # noqa: FBT001  (a scalar may be a boolean)
    """A YAML scalar on one line that reads back as the same value, under YAML 1.1 and 1.2."""
    if not isinstance(value, str):
        return Quoted(json.dumps(value))
    _refuse_expressions(value)
    if _PLAIN_YAML.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return Quoted(value)
    return Quoted(_UNPRINTABLE.sub(_yaml_escape, json.dumps(value, ensure_ascii=False)))


def expression(value: str) -> Quoted:
    """An expression of GitHub Actions as a YAML scalar; texts of the user's are literals in it."""
    _refuse_line_tricks(value)
    _refuse_expressions(value)
    plain = not re.search(r": |:$| #|[^ -~]", value)
    return Quoted(f"${{{{ {value} }}}}" if plain else json.dumps(f"${{{{ {value} }}}}", ensure_ascii=False))


def dockerfile(value: str | int) -> Quoted:
    """A quoted argument of a Dockerfile instruction; nothing in it is expanded."""
    text = str(value)
    if _UNPRINTABLE.search(text):
        raise MlopscError(f"{text!r} cannot stand in a Dockerfile: it holds a control character")
    return Quoted('"' + re.sub(r'(["\\$])', r"\\\1", text) + '"')


def markdown(value: str | int) -> Quoted:
    """Text in a Markdown paragraph or table cell: shown as it is, on one line."""
    text = _MARKDOWN.sub(r"\\\1", " ".join(str(value).split()))
    return Quoted(_ITEM.sub(r"\1\\\2", text))


def name(value: str | int) -> Quoted:
    """A name that is safe everywhere, such as a model's: it may be part of a longer word."""
    text = str(value)
    if not _NAME.fullmatch(text):
        raise MlopscError(f"{text!r} is not a name: use letters, digits, '-', '_' and '.'")
    return Quoted(text)


def raw(value: str) -> Quoted:
    """Text that a printer of ours made, for example a comment with a version."""
    _refuse_line_tricks(value)
    return Quoted(value)


def lines(value: str) -> Quoted:
    """Whole lines that a template made, without the last line's end, which the place that they land in has."""
    return raw(value.removesuffix("\n"))


FILTERS: Mapping[str, Callable[[Any], Quoted]] = {
    "py": python,
    "shell": shell,
    "yaml": yaml,
    "dockerfile": dockerfile,
    "md": markdown,
    "name": name,
    "expression": expression,
    "raw": raw,
    "lines": lines,
}
"""The filters of all templates, by name."""


def only_quoted(value: object) -> object:
    """Refuse a text that reaches a file through no filter: a mistake in a template of ours."""
    if isinstance(value, str) and not isinstance(value, Quoted):
        raise TypeError(f"{value!r} reaches a file without a filter; use one of {', '.join(FILTERS)}")
    if value is None:
        raise TypeError("None reaches a file; decide in the view what stands there")
    return value


def _refuse_expressions(value: str) -> None:
    if "${{" in value:
        raise MlopscError(f"{value!r} holds an expression of GitHub Actions; values of the spec are never expressions")


def _refuse_line_tricks(value: str) -> None:
    if "\r" in value or "\x00" in value:
        raise MlopscError(f"{value!r} holds a control character")


def _python_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004  (two hex digits)


def _yaml_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004  (two hex digits)
