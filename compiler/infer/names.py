"""Names that SQL, Python and a spec accept, made from whatever a header says."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Sequence

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SPOKEN = {"%": " pct ", "#": " number ", "&": " and ", "€": " eur ", "$": " usd ", "°": " deg ", "ß": "ss"}
SQL_WORDS = frozenset(
    """all analyse analyze and any array as asc asymmetric between both case cast check collate column
    constraint create current_date current_time current_timestamp default deferrable desc describe distinct
    do else end except exists false fetch filter for foreign from group having in initially intersect
    interval into is join lambda lateral leading like limit not null offset on only or order over partition
    pivot placing primary qualify references returning select show some summarize symmetric table then to
    trailing true union unique unpivot using values variadic when where window with""".split()  # noqa: SIM905  (a list of words reads best so)
)
"""Words that stand for themselves in DuckDB's SQL, so that no column can be written so without quotes."""


def is_good(name: str) -> bool:
    """Whether ``name`` can stand in SQL and in Python as it is."""
    taken = name.lower() in SQL_WORDS or keyword.iskeyword(name) or name.lower().startswith("raw__")
    return bool(IDENTIFIER.fullmatch(name)) and not taken


def column_names(headers: Sequence[str]) -> list[str]:
    """One good name per header, each once whatever its case; good headers stay as they are."""
    names: list[str] = []
    taken: set[str] = set()
    for number, header in enumerate(headers, start=1):
        name = _unique(header if is_good(header) else _made(header, number), taken)
        taken.add(name.lower())
        names.append(name)
    return names


def snake(text: str) -> str:
    """``text`` in lower-case ASCII words joined by underscores; may be empty."""
    for sign, word in SPOKEN.items():
        text = text.replace(sign, word)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    divided = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", divided.lower()).strip("_")


def kebab(text: str) -> str:
    """``text`` as the name of a project or of a model."""
    return snake(text).replace("_", "-")


def _made(header: str, number: int) -> str:
    name = snake(header)
    if not name:
        return f"column_{number}"
    if name[0].isdigit():
        name = f"col_{name}"
    return name if is_good(name) else f"{name}_value"


def _unique(name: str, taken: Collection[str]) -> str:
    number, unique = 2, name
    while unique.lower() in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique
