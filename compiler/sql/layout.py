"""Names, quotes and lines of the Python that is written."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

TAKEN = {
    *keyword.kwlist,
    *dir(builtins),
    "datetime",
    "date",
    "timedelta",
    "math",
    "re",
    "annotations",
    "Any",
    "TypeVar",
    "Callable",
}
WIDTH = 88


def identifiers(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A Python name for each of ``names``, all different, none of which hides what the module uses."""
    result: dict[str, str] = {}
    used = {*TAKEN, *taken}
    for name in names:
        plain = re.sub(r"\W", "_", name.strip())
        plain = plain if plain.isidentifier() and not plain.startswith("_") else f"c_{plain.strip('_')}"
        while plain in used or re.fullmatch(r"t\d+", plain):
            plain += "_"
        used.add(plain)
        result[name] = plain
    return result


def quoted(text: str) -> str:
    """A Python string literal with the quotes that a formatter would choose."""
    plain = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text.replace("\\", "\\\\")
    mark = "'" if plain.count('"') > plain.count("'") else '"'
    return mark + plain.replace(mark, f"\\{mark}") + mark


def signature(name: str, arguments: list[str], result: str) -> str:
    """The first line of a function, or its first lines where one is too short."""
    line = f"def {name}({', '.join(arguments)}) -> {result}:"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"def {name}(", *(f"    {argument}," for argument in arguments), f") -> {result}:"])


def fitting(line: str) -> str:
    """The line; where it is too long for a formatter, one that the formatter leaves alone."""
    return line if len(line) <= WIDTH - 4 else f"{line}  # fmt: skip"
