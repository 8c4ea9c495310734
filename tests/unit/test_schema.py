"""The JSON Schema of the language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
from click.testing import CliRunner

from mlopsc.cli.schema import command
from mlopsc.loader import load
from mlopsc.schema import SECTIONS, bundled, schema_at


def objects(node: Any, where: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema that defines keys, with its place."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type"):
            yield where, node
        for key, value in node.items():
            if key not in ("if", "then", "else"):
                yield from objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from objects(item, f"{where}/{index}")


def test_schema_command_prints_one_valid_document(repository: Path) -> None:
    """The printed document is a 2020-12 schema with inner references only, and it accepts the reference spec."""
    printed = json.loads(CliRunner().invoke(command).output)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    text = json.dumps(printed)
    assert '"$ref": "' in text
    assert text.count('"$ref": "#/$defs/') == text.count('"$ref": ')
    reference = load(repository / "tests" / "fixtures" / "flight-delays.mlops.yaml")
    jsonschema.Draft202012Validator(printed).validate(reference.data)


def test_every_key_says_what_it_is() -> None:
    """Editors show a title, a description and an example for every key of the language."""
    lacking = [
        f"{where}/{key}"
        for where, schema in objects(bundled())
        for key, value in schema["properties"].items()
        if not {"title", "description", "examples"} <= value.keys()
    ]
    assert lacking == []


def test_every_example_of_the_schema_is_valid() -> None:
    """What an editor offers as an example is accepted by the schema beside it."""
    definitions = bundled()["$defs"]
    for where, schema in objects(bundled()):
        for key, value in schema["properties"].items():
            validator = jsonschema.Draft202012Validator({**value, "$defs": definitions})
            for example in [*value.get("examples", []), *([value["default"]] if "default" in value else [])]:
                found = [error.message for error in validator.iter_errors(example)]
                assert found == [], f"{where}/{key}: {example}"


def test_every_definition_refuses_unknown_keys() -> None:
    """No object of the language is open."""
    assert [where for where, schema in objects(bundled()) if schema.get("additionalProperties") is not False] == []


def test_schema_has_no_one_of() -> None:
    """Variants are chosen by a key, so that a mistake is judged against the variant that was meant."""
    assert "oneOf" not in json.dumps(bundled())


def test_schema_at_follows_references() -> None:
    """The schema of a place deep in the document."""
    assert schema_at(("models", "late", "gates", 0, "latency_p95"))["x-noun"] == "duration"
    assert schema_at(("monitors", "drift"))["x-noun"] == "monitor"
    assert schema_at(("nowhere", 3)) == {}


def test_schema_files_are_the_sections(repository: Path) -> None:
    """Every file of the folder is part of the bundle."""
    assert sorted(file.stem for file in (repository / "schemas" / "v1").glob("*.json")) == sorted(SECTIONS)
