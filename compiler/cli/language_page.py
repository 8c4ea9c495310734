"""The page ``docs/language.md``: every key of the language, written from the JSON Schema alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from ..schema import Schema, bundled, properties, resolved, schema_at
from ..source import YamlPath
from ..targets import all_targets

Place = tuple[str, ...]
"""Where an object stands: keys, ``*`` for a name that the user chooses, ``[]`` for an item of a list."""

WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null", "object": "mapping"}
NAMES = {
    "data": "dataset",
    "features": "feature-set",
    "models": "model",
    "monitors": "monitor",
    "environments": "environment",
    "columns": "column",
    "space": "parameter",
    "business": "metric",
    "preprocess": "feature",
}
HEAD = """\
# The language

Every key of `mlops.yaml`, written from the JSON Schema by `make docs`. `mlopsc schema` prints that schema for editors,
`mlopsc show` a spec with every default filled in; `tests/fixtures/flight-delays.mlops.yaml` uses every section.

A **bold** key must be there. `<model>` and the like stand for a name of your own, `[ ]` for an item of a list. Every
key has an anchor made of the keys above it, without those names: `models.<model>.train.seed` is
[`#models-train-seed`](#models-train-seed). Small values that many keys share stand [at the end](#values).
"""


def document() -> str:
    """The page, in the order of the schema."""
    return "\n".join(_document()) + "\n"


def anchor(place: Place) -> str:
    """The fragment of the page that tells about a place: its keys without the user's names."""
    return "-".join(part for part in place if part not in {"*", "[]"}) or "top"


def anchor_of(path: YamlPath) -> str:
    """The fragment for a place of a spec: ``("models", "late-arrival", "train")`` gives ``models-train``."""
    place: list[str] = []
    for depth, part in enumerate(path):
        known = resolved(schema_at(path[:depth])).get("properties", {})
        place.append("[]" if isinstance(part, int) else part if part in known else "*")
    return anchor(tuple(place))


def _document() -> Iterator[str]:
    yield HEAD
    yield '## <a id="top"></a>The file\n'
    yield from _table(bundled(), ())
    for key, schema in properties(bundled()):
        if _objects(schema, (key,)):
            yield from _section(schema, (key,))
    yield from _values()


def _section(schema: Schema, place: Place) -> Iterator[str]:
    objects = list(_objects(schema, place))
    yield f"\n## {place[0]}\n"
    yield f"{schema['description']}\n"
    yield from _example(schema, place[0])
    for at, item in objects:
        if at != place:
            # A section whose items are all that it has shares its anchor with them.
            own = anchor(at) + ("-name" if anchor(at) == anchor(place) else "")
            yield f'\n### <a id="{own}"></a>{_path(at)}\n'
            yield f"{item['description']}\n"
        yield from _table(item, at)
        yield from _variants(item)
    if place == ("stack",):
        yield from _targets()


def _targets() -> Iterator[str]:
    """The words of the stack that an installed target turns into files."""
    words: dict[str, set[str]] = {}
    for target in all_targets():
        for role, word in target.serves:
            words.setdefault(role, set()).add(word)
    yield "\nWords with a target today; with any other, [MLC701](diagnostics.md#mlc701), nothing is written:\n"
    yield "| role | words |"
    yield "|---|---|"
    for role, _ in properties(bundled()["properties"]["stack"]):
        yield f"| `{role}` | {', '.join(_code(word) for word in sorted(words.get(role, ()))) or 'none yet'} |"


def _values() -> Iterator[str]:
    yield "\n## Values\n"
    yield "| value | what it is | written as |"
    yield "|---|---|---|"
    for name, schema in bundled()["$defs"].items():
        if name.startswith(VALUES):
            key = name.removeprefix(VALUES)
            examples = ", ".join(_code(_flow(value)) for value in schema.get("examples", ()))
            says = " ".join([_cell(schema["description"]), *_constraints(schema)])
            yield f'| <a id="values-{key}"></a>{schema["title"].lower()} | {says} | {examples} |'


VALUES = "values-"
"""What the definitions of the small values begin with in the bundled schema."""


def _objects(schema: Schema, place: Place) -> list[tuple[Place, Schema]]:
    """Every mapping with keys of the language at or below a place, outermost first."""
    schema = resolved(schema)
    found = [(place, schema)] if schema.get("properties") else []
    for key, below in properties(schema):
        if not _is_value(schema, key):
            found += _objects(below, (*place, key))
    for part, name in (("additionalProperties", "*"), ("items", "[]")):
        if isinstance(schema.get(part), dict):
            found += _objects(schema[part], (*place, name))
    return found


def _is_value(schema: Schema, key: str) -> bool:
    """Whether a key holds one of the small values that are told where the first of them stands: a schedule."""
    name = _value(schema, key)
    return name is not None and name != "schedule"


def _value(schema: Schema, key: str) -> str | None:
    """The name of the shared value that a key holds."""
    _, found, name = str(schema["properties"][key].get("$ref", "")).partition(f"#/$defs/{VALUES}")
    return name if found else None


def _path(place: Place) -> str:
    words = [f"<{NAMES.get(before, 'name')}>" if part == "*" else part for before, part in _pairs(place)]
    return "`" + ".".join(words).replace(".[]", "[ ]") + "`"


def _pairs(place: Place) -> Iterator[tuple[str, str]]:
    return zip(("", *place), place, strict=False)


def _example(schema: Schema, key: str) -> Iterator[str]:
    for value in schema.get("examples", ())[:1]:
        text = yaml.safe_dump({key: value}, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True)
        yield f"```yaml\n{text.rstrip()}\n```\n"


def _table(schema: Schema, place: Place) -> Iterator[str]:
    yield "| key | type | default | what it says |"
    yield "|---|---|---|---|"
    required = schema.get("required", ())
    for key, below in properties(schema):
        at = anchor((*place, key))
        # The heading of a section of its own has the anchor already.
        target = "" if _objects(below, (*place, key)) and _headed(below, (*place, key)) else f'<a id="{at}"></a>'
        name = f'[`{key}`](#{at} "{below["title"]}")'
        name = f"**{name}**" if key in required else name
        shared = _value(schema, key)
        kind = f"[{below['x-noun']}](#{VALUES}{shared})" if shared else _type(below)
        yield f"| {target}{name} | {kind} | {_default(below)} | {_says(below, key, shared)} |"


def _headed(schema: Schema, place: Place) -> bool:
    """Whether a heading below carries exactly the anchor of this key."""
    return len(place) == 1 or any(anchor(at) == anchor(place) for at, _ in _objects(schema, place))


def _type(schema: Schema) -> str:
    kinds = schema.get("type", "mapping")
    return " or ".join(dict.fromkeys(_kind(schema, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)))


def _kind(schema: Schema, kind: str) -> str:
    noun = schema.get("x-noun")
    if kind == "string" and noun in {"entrypoint", "column type", "share"}:
        return str(noun)
    if kind == "array":
        item = resolved(schema.get("items", {}))
        return f"list of {item.get('x-noun') or _type(item)}s" if item else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return "mapping by name"
    return WORDS.get(kind, kind)


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    return _code(_flow(schema["default"])) if schema["default"] not in ("", [], {}) else "none"


def _says(schema: Schema, key: str, shared: str | None) -> str:
    parts = [_cell(schema.get("description", "")), *(_constraints(schema) if shared is None else ())]
    parts += ["For example " + _code(f"{key}: {_flow(value)}") + "." for value in schema.get("examples", ())[:1]]
    return " ".join(parts)


def _constraints(schema: Schema) -> Iterator[str]:
    if "enum" in schema:
        yield "One of " + ", ".join(_code(_flow(value)) for value in schema["enum"]) + "."
    yield from _bounds(schema)
    if "pattern" in schema and "enum" not in schema and len(schema["pattern"]) <= SHORT:
        yield f"Matches {_code(schema['pattern'])}."
    if schema.get("uniqueItems"):
        yield "Nothing twice."


SHORT = 60
"""Longer patterns say less than the description."""


def _bounds(schema: Schema) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"From {low} to {high}."
    elif low is not None or high is not None:
        yield f"At least {low}." if high is None else f"At most {high}."
    if "exclusiveMinimum" in schema:
        yield f"More than {schema['exclusiveMinimum']}."
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None:
        yield f"Exactly {least} items." if least == most else f"At least {least} item{'s' if least > 1 else ''}."


def _variants(schema: Schema) -> Iterator[str]:
    """Which keys may stand together, where that depends on one of them."""
    rows = [row for part in (schema, *schema.get("allOf", ())) for row in _variant(part, "otherwise")]
    if rows:
        yield "\nWhich keys go together:\n"
        yield "| where there is | allowed beside it | needed |"
        yield "|---|---|---|"
        for condition, allowed, needed in rows:
            yield f"| {condition} | {allowed} | {needed} |"


def _variant(schema: Schema, condition: str) -> Iterator[tuple[str, str, str]]:
    names = schema.get("propertyNames", {}).get("enum", ())
    needed = schema.get("required", ()) if condition != "otherwise" or names else ()
    if names or (needed and "if" not in schema and "properties" not in schema):
        beside = [_code(name) for name in names if _code(name) not in condition.partition(":")[0]]
        yield condition, ", ".join(beside) or ("nothing else" if names else ""), ", ".join(_code(n) for n in needed)
    if "if" in schema:
        words = _condition(schema["if"])
        if condition.startswith("no "):  # one condition inside another
            words = f"{condition}, {words}"
        yield from _variant(schema.get("then", {}), words or condition)
        yield from _variant(schema.get("else", {}), "otherwise")


def _condition(schema: Schema) -> str:
    """Words for an ``if``: a key with a value, a key, or the lack of one."""
    constants = [(key, value["const"]) for key, value in schema.get("properties", {}).items() if "const" in value]
    if constants:
        return ", ".join(_code(f"{key}: {_flow(value)}") for key, value in constants)
    there = [_code(key) for key in schema.get("required", ())]
    absent = [f"no {_code(key)}" for key in schema.get("not", {}).get("required", ())]
    return ", ".join(there or absent)


def _flow(value: Any) -> str:
    """A value as one would write it on one line of YAML."""
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True).strip()
    if isinstance(value, str):
        return yaml.safe_dump([value], default_flow_style=True, width=10_000, allow_unicode=True).strip()[1:-1]
    return json.dumps(value)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{_cell(text)}{fence}"


def _cell(text: str) -> str:
    """A text that may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
