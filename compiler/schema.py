"""The JSON Schema of the language: one file per section in the package, bundled into one document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from .resources import schema_folder
from .source import YamlPath

SECTIONS = (
    "spec",
    "project",
    "stack",
    "policy",
    "data",
    "features",
    "models",
    "deploy",
    "monitors",
    "environments",
    "values",
)
SCHEMA_ID = "https://mlopsc.dev/schemas/v1/mlops.json"

Schema = Mapping[str, Any]


@lru_cache(maxsize=1)
def bundled() -> dict[str, Any]:
    """The whole language as one schema; references between files become references below ``$defs``."""
    definitions: dict[str, Any] = {}
    for section in SECTIONS:
        document = _read(section)
        for name, schema in document.pop("$defs", {}).items():
            definitions[f"{section}-{name}"] = _rewritten(schema, section)
        definitions[section] = _rewritten({k: v for k, v in document.items() if k not in ("$schema", "$id")}, section)
    root = definitions.pop("spec")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return {**head, **root, "$defs": dict(sorted((k, v) for k, v in definitions.items() if k != "values"))}


def resolved(schema: Schema) -> Schema:
    """The schema with its reference followed; what stands beside the reference wins, but for the noun."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target = resolved(bundled()["$defs"][reference.removeprefix("#/$defs/")])
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def schema_at(path: YamlPath) -> Schema:
    """The schema of the place ``path``; an empty one where the language says nothing about it."""
    schema: Schema = bundled()
    for part in path:
        schema = resolved(_below(resolved(schema), part))
    return schema


def _below(schema: Schema, part: str | int) -> Schema:
    if isinstance(part, int):
        found = schema.get("items", {})
    else:
        found = schema.get("properties", {}).get(part) or schema.get("additionalProperties", {})
    return found if isinstance(found, dict) else {}


def properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The keys of an object, each with its schema."""
    for key, value in resolved(schema).get("properties", {}).items():
        yield key, resolved(value)


def _read(section: str) -> dict[str, Any]:
    text = (schema_folder() / "v1" / f"{section}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _rewritten(node: Any, section: str) -> Any:
    """``node`` with ``data.json`` and ``values.json#/$defs/name`` as references into the bundle."""
    if isinstance(node, list):
        return [_rewritten(item, section) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _reference(value, section) if key == "$ref" else _rewritten(value, section) for key, value in node.items()
    }


def _reference(target: str, section: str) -> str:
    file, _, fragment = target.partition("#")
    home = file.removesuffix(".json") or section
    name = fragment.removeprefix("/$defs/")
    return f"#/$defs/{home}-{name}" if name else f"#/$defs/{home}"
