"""What a thing is made of and what depends on it: a graph of names, and how to find one in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from ..records import record
from ..source import YamlPath

MEANING, RUNNING = "meaning", "running"
"""The two layers: what the spec says about data, features and models; what the steps read and write."""


@record
class Thing:
    """One node: ``what`` is said about it, ``path`` is where the spec declares it."""

    kind: str
    name: str
    what: str = ""
    path: YamlPath | None = None
    layer: str = MEANING
    called: tuple[str, ...] = ()  # other words for it

    @property
    def id(self) -> str:
        """The kind and the name: unique, and what ``--format json`` says."""
        return f"{self.kind}:{self.name}"


class Lineage:
    """Things, and pairs of what is made of what."""

    def __init__(self, things: Iterable[Thing], pairs: Iterable[tuple[str, str]]) -> None:
        self.things: dict[str, Thing] = {}
        for thing in things:
            self.things.setdefault(thing.id, thing)
        self.pairs = tuple(dict.fromkeys(pair for pair in pairs if set(pair) <= set(self.things)))

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """What each thing is made of."""
        return self._neighbours({(after, before) for before, after in self.pairs})

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What depends on each thing."""
        return self._neighbours(set(self.pairs))

    def _neighbours(self, pairs: set[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
        order = {name: number for number, name in enumerate(self.things)}
        found: dict[str, list[str]] = {name: [] for name in self.things}
        for one, other in sorted(pairs, key=lambda pair: order[pair[1]]):
            found[one].append(other)
        return {name: tuple(others) for name, others in found.items()}

    def reach(self, start: str, along: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Everything that can be reached from ``start``, which is left out."""
        found: dict[str, None] = {}
        todo = [start]
        while todo:
            for other in along[todo.pop()]:
                if other not in found:
                    found[other] = None
                    todo.append(other)
        return tuple(name for name in self.things if name in found)

    def called(self, name: str) -> tuple[Thing, ...]:
        """The things that ``name`` may mean: by id, by full name, else by the last part of it."""
        if name in self.things:
            return (self.things[name],)
        exact = [thing for thing in self.things.values() if name == thing.name or name in thing.called]
        declared = [thing for thing in exact if thing.layer == MEANING]  # a file is read by a step, too
        near = (one for one in self.things.values() if one.layer == MEANING and _last(one) == name)
        return tuple(declared or exact or near)

    def names(self) -> tuple[str, ...]:
        """Every word that names something."""
        found = {thing.name for thing in self.things.values()} | {_last(thing) for thing in self.things.values()}
        return tuple(sorted(found | {word for thing in self.things.values() for word in thing.called}))

    def holding(self, path: str) -> tuple[Thing, ...]:
        """The files and folders that ``path`` lies in; the nearest ones."""
        above = [
            thing
            for thing in self.things.values()
            if thing.kind in {"file", "output", "code"} and path.startswith(f"{thing.name}/")
        ]
        longest = max((len(thing.name) for thing in above), default=0)
        return tuple(thing for thing in above if len(thing.name) == longest)


def _last(thing: Thing) -> str:
    return thing.name if thing.layer == RUNNING or thing.kind == "file" else thing.name.partition(".")[2] or thing.name
