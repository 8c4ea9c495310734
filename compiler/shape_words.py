"""How the places and values of a spec are called in a message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from .schema import Schema, resolved, schema_at
from .source import YamlPath

_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_LONGEST = 40


def article(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def subject(path: YamlPath, *, key: bool = False, plural: bool = False) -> str:
    """What stands at ``path``: ``model 'late'``, or ``'port'`` of it where ``key`` is asked for."""
    if not path:
        return "the spec" if not plural else "a spec"
    noun = schema_at(path).get("x-noun")
    name = path[-1]
    parent = schema_at(path[:-1])
    defined = isinstance(name, str) and name not in parent.get("properties", {})
    if plural:
        return article(noun) if noun else f"'{name}'"
    if isinstance(name, int):
        return f"item {name + 1} of '{path[-2]}'" if key or noun is None else f"{noun} {name + 1}"
    if defined and noun:
        return f"{noun} '{name}'"
    return f"'{name}'"


def expected(schema: Schema, path: YamlPath) -> str:
    """The kind of value that a schema takes: ``a duration such as 7d``, ``a number``, ``text or a mapping``."""
    del path
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    noun = schema.get("x-noun")
    if noun and "object" not in types and types != ["array"]:
        examples = schema.get("examples", [])
        return article(noun) + (f" such as {shown(examples[0])}" if examples else "")
    return " or ".join(_TYPES[one] for one in types)


def found(value: Any, *, bare: bool = False) -> str:
    """The value as a message names it; ``bare`` leaves out its kind."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        return f"'{short}'" if bare else f"the text '{short}'"
    if isinstance(value, bool):
        return json.dumps(value)
    return str(value) if bare else f"the number {value}"


def listed(words: Iterable[Any], last: str = "or") -> str:
    """``a, b or c``."""
    names = [str(word) for word in words]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def example(path: YamlPath, key: str) -> str:
    """A line that gives ``key`` of the definition at ``path`` a value."""
    schema = resolved(schema_at((*path, key)))
    examples = schema.get("examples", [])
    return f"{key}: {shown(examples[0])}" if examples else f"{key}: ..."


def shown(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shown(key)}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, str):
        from .fixes import scalar  # noqa: PLC0415  (only messages need it)

        return scalar(value, None, flow=True)
    return json.dumps(value)


def mending(schema: Schema, path: YamlPath, value: Any, written: str | None = None) -> str | None:
    """How a value of the wrong kind becomes a right one, where that can be told; ``written`` is how it stands there."""
    types = schema.get("type", [])
    key = path[-1] if path else ""
    if value is None:
        word = "null" in schema.get("enum", ())
        return 'put it in quotes: "null"' if word else f"write a value after '{key}:', or remove the key"
    if "boolean" in types and isinstance(value, str) and value.lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"write {'true' if value.lower() in ('yes', 'on', 'true') else 'false'}"
    if "string" in types and "object" not in types and isinstance(value, bool | int | float):
        return _quoted(schema, str(written or found(value, bare=True)))
    if {"number", "integer"} & set([types] if isinstance(types, str) else types) and isinstance(value, str):
        return _number(value, types)
    if isinstance(key, str) and schema_at(path).get("examples"):
        return f"for example: `{example(path[:-1], key)}`"
    return None


def wrapped(path: YamlPath, value: Any) -> str | None:
    """The value as it is, inside of what is wanted around it: a list of one item, a dataset of one source."""
    key, noun, types = path[-1] if path else 0, schema_at(path).get("x-noun"), schema_at(path).get("type")
    if types == "array" and isinstance(value, dict) and len(shown(value)) < 2 * _LONGEST:
        return f"write `{key}: [{shown(value)}]`, or begin each item with '- '"
    if noun == "dataset" and isinstance(value, str):
        return f"write `{key}: {{source: {shown(value)}, columns: {{...}}}}`"
    return None


def misplaced(data: Any, path: YamlPath, key: str) -> str | None:
    """Where a key belongs that is indented too deep: the nearest definition around it that takes it and has none."""
    for depth in range(len(path) - 1, -1, -1):
        around = path[:depth]
        if key in schema_at(around).get("properties", {}) and key not in _at(data, around):
            return f"'{key}' belongs to {subject(around)}: indent it like '{path[depth]}'"
    return None


def _at(data: Any, path: YamlPath) -> Any:
    for part in path:
        data = data[part]
    return data


def _number(value: str, types: list[str] | str) -> str | None:
    """How a text becomes the number that is wanted: without its quotes, or as a share of one."""
    share = value.removesuffix("%").strip()
    if value != share and share.replace(".", "", 1).isdigit() and "number" in types:
        return f"write: {float(share) / 100:g}"
    return f"remove the quotes: {value}" if value.replace(".", "", 1).lstrip("-").isdigit() else None


def _quoted(schema: Schema, text: str) -> str | None:
    """How a bare number or word becomes the text that is wanted: in quotes where that is enough, or with its unit."""
    words, pattern = schema.get("enum"), schema.get("pattern")
    if words is not None and text not in words:
        return f"it takes {listed(words)}"
    if pattern is None or re.search(pattern, text):
        return f'put it in quotes: "{text}"'
    unit = next((unit for unit in ("d", "ms", "MB", "%") if re.search(pattern, text + unit)), None)
    return f"say the unit, such as: {text}{unit}" if unit else None
