"""The texts of the spec as they are written, for rules that hold wherever a value stands."""

from __future__ import annotations

from collections.abc import Iterator

from ..nodes import leaves
from ..source import Sources, YamlPath


def scalars(sources: Sources) -> Iterator[tuple[YamlPath, str]]:
    """Every scalar that is more than a short word or number, with its raw text; each place of the text once."""
    texts = {name: file.text for name, file in sources.files.items()}
    seen: set[tuple[str, int]] = set()
    for path, file, start, end in leaves(sources.entries):
        if (file, start) not in seen:
            seen.add((file, start))
            yield path, texts[file][start:end]
