"""Values that can only mean one thing, in the spelling of the language."""

from __future__ import annotations

import re
from typing import Any

from .loader import plain
from .schema import Schema, bundled
from .suggest import certain

COLUMN_TYPES = ["string", "integer", "float", "boolean", "timestamp", "date"]
"""What a column may hold."""

_SAME = {"int": "integer", "bigint": "integer", "str": "string", "text": "string", "varchar": "string"}
_SAME |= {"double": "float", "bool": "boolean", "datetime": "timestamp"}

SYNONYMS = {**_SAME, "number": "float", "time": "timestamp"}
"""What the types are called elsewhere, the last two of them less certainly so."""

_BOOLEANS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
_UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    "duration": {
        "s": ("s", "sec", "secs", "second", "seconds"),
        "m": ("m", "min", "mins", "minute", "minutes"),
        "h": ("h", "hr", "hrs", "hour", "hours"),
        "d": ("d", "day", "days"),
        "w": ("w", "week", "weeks"),
    },
    "latency": {
        "ms": ("ms", "msec", "millisecond", "milliseconds"),
        "s": ("s", "sec", "second", "seconds"),
    },
    "share": {"%": ("%", "percent", "pct")},
    "size": {unit: (unit.lower(),) for unit in ("B", "KB", "MB", "GB", "KiB", "MiB", "GiB")},
}
_AMOUNT = re.compile(r"([0-9.]+)\s*([A-Za-z%]+)")


def column_type(word: str) -> str | None:
    """The column type that a word certainly stands for, with its mark of nullable columns."""
    mark = "?" if word.endswith("?") else ""
    bare = word.removesuffix("?").lower()
    meant = _SAME.get(bare) or certain(bare, COLUMN_TYPES)
    return f"{meant}{mark}" if meant else None


def respelled(noun: str, text: str, pattern: str) -> str | None:
    """An amount such as ``7 days`` or ``15 percent`` in the form that ``pattern`` takes; None where there is none."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (noun == "duration" and found[2] == "M"):  # a month in other languages, and no minute
        return None
    names = [_UNITS[noun]] if noun in _UNITS else []
    if noun == "duration" and "ms" in pattern:
        names = [_UNITS["latency"]]
    for units in names:
        unit = next((unit for unit, words in units.items() if found[2].lower() in words), None)
        if unit is not None and re.search(pattern, f"{found[1]}{unit}"):
            return f"{found[1]}{unit}"
    return None


def retyped(schema: Schema, value: Any, written: str | None) -> str | float | bool | None:
    """A scalar of the wrong type as the one value of the right type that it means; None where that is a guess.

    ``written`` is the scalar as it is written: a version ``1.10`` in quotes stays that, and not 1.1.
    """
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    meant: str | float | bool | None = None
    if "boolean" in types and isinstance(value, str):
        meant = _BOOLEANS.get(value.lower())
    elif "string" in types and isinstance(value, int | float) and not isinstance(value, bool):
        meant = written
    elif {"number", "integer"} & set(types) and isinstance(value, str):
        number = plain(value)
        meant = number if isinstance(number, int | float) and not isinstance(number, bool) else None
    return meant if meant is not None and _valid(schema, meant) else None


def _valid(schema: Schema, value: Any) -> bool:
    import jsonschema  # noqa: PLC0415  (only a spec with mistakes needs it)

    return bool(jsonschema.Draft202012Validator(bundled()).evolve(schema=schema).is_valid(value))
