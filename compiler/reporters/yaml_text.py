"""A spec as YAML text: short values on one line, comments where a value is the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..records import record
from ..shape_words import shown


@record
class Leaf:
    """A value that is written on one line, and whether it is what stands for nothing."""

    value: Any
    default: bool = False


Tree = Mapping[str, "Leaf | Tree | Sequence[Tree]"]


def text(tree: Tree) -> str:
    """The tree as YAML, a blank line between sections."""
    blocks = ["\n".join(_lines({key: value}, "")) for key, value in tree.items()]
    head = [block for block in blocks[:1] if "\n" not in block]
    return "\n\n".join([*head, *blocks[len(head) :]]) + "\n"


def plain(tree: Any) -> Any:
    """The tree as plain data."""
    if isinstance(tree, Leaf):
        return tree.value
    if isinstance(tree, Mapping):
        return {key: plain(value) for key, value in tree.items()}
    return [plain(item) for item in tree]


def _lines(tree: Tree, indent: str) -> Iterator[str]:
    for key, value in tree.items():
        name = f"{indent}{shown(key)}:"
        if isinstance(value, Leaf):
            yield f"{name} {shown(value.value)}" + ("  # default" if value.default else "")
        elif not value:
            yield f"{name} {'{}' if isinstance(value, Mapping) else '[]'}"
        elif isinstance(value, Mapping):
            yield name
            yield from _lines(value, indent + "  ")
        else:
            yield name
            for item in value:
                yield from _item(item, indent + "  ")


def _item(item: Tree, indent: str) -> Iterator[str]:
    for number, line in enumerate(_lines(item, indent + "  ")):
        yield f"{indent}- {line[len(indent) + 2 :]}" if number == 0 else line
