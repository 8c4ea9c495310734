"""A cursor over the plain data of a spec: what is missing or marked invalid reads as absent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from ...records import record
from ...source import YamlPath
from ..values import Duration, Invalid, Reference, Schedule, Sql
from .units import duration

T = TypeVar("T")


class BrokenDefinitionError(Exception):
    """A required part is missing or invalid; the structure check has said so. Caught where the definition begins."""


@record
class Node:
    """One node of the document: its data, its place, and the places that must not be read."""

    data: Any
    path: YamlPath
    invalid: Collection[YamlPath]

    def has(self, key: str) -> bool:
        """Whether ``key`` is there, valid, and not null."""
        if not isinstance(self.data, dict) or self.data.get(key) is None:
            return False
        return not self.invalid or (*self.path, key) not in self.invalid

    def child(self, key: str) -> Node:
        """The node below ``key``; its data is None where it is absent or invalid."""
        data = self.data[key] if self.has(key) else None
        return Node(data=data, path=(*self.path, key), invalid=self.invalid)

    def get(self, key: str, default: Any = None) -> Any:
        """The data below ``key``, or ``default``."""
        return self.data[key] if self.has(key) else default

    def need(self, key: str) -> Any:
        """The data below ``key``; the definition is broken without it."""
        if not self.has(key):
            raise BrokenDefinitionError
        return self.data[key]

    def items(self) -> Iterator[tuple[str, Node]]:
        """The named nodes of a mapping, invalid ones too; none where there is no mapping."""
        for name, value in (self.data if isinstance(self.data, dict) else {}).items():
            yield name, Node(data=value, path=(*self.path, name), invalid=self.invalid)

    def elements(self) -> Iterator[Node]:
        """The valid items of a list; a single word counts as a list of one."""
        if self.data is None:
            return
        if not isinstance(self.data, list):
            yield self
            return
        for index, value in enumerate(self.data):
            node = Node(data=value, path=(*self.path, index), invalid=self.invalid)
            if node.path not in self.invalid:
                yield node

    def references(self, key: str) -> tuple[Reference, ...]:
        """The names in the list (or the word) below ``key``."""
        return tuple(Reference(name=node.data, path=node.path) for node in self.child(key).elements())

    def reference(self, key: str) -> Reference | None:
        """The name below ``key``."""
        return Reference(name=self.data[key], path=(*self.path, key)) if self.has(key) else None

    def need_reference(self, key: str) -> Reference:
        """The name below ``key``; the definition is broken without it."""
        return Reference(name=self.need(key), path=(*self.path, key))

    def sql(self, key: str) -> Sql | None:
        """The SQL text below ``key``."""
        return Sql(text=self.data[key], path=(*self.path, key)) if self.has(key) else None

    def need_sql(self, key: str) -> Sql:
        """The SQL text below ``key``; the definition is broken without it."""
        return Sql(text=self.need(key), path=(*self.path, key))

    def duration(self, key: str, default: str | None = None) -> Duration | None:
        """The duration below ``key``, or the default."""
        text = self.get(key, default)
        return None if text is None else duration(text)

    def schedule(self, key: str) -> Schedule | None:
        """The schedule below ``key``: a cron expression, or a mapping with a time zone; UTC without one."""
        node = self.child(key)
        if node.data is None:
            return None
        if isinstance(node.data, str):
            return Schedule(cron=node.data, timezone="UTC", path=node.path)
        if not node.has("cron"):
            return None
        return Schedule(cron=node.need("cron"), timezone=node.get("timezone", "UTC"), path=(*node.path, "cron"))


def definition(node: Node, make: Callable[[Node], T]) -> T | Invalid:
    """What ``make`` builds from ``node``, or the placeholder of a definition that is broken."""
    if node.path in node.invalid:
        return Invalid(path=node.path)
    try:
        return make(node)
    except BrokenDefinitionError:
        return Invalid(path=node.path)


def optional(node: Node, key: str, make: Callable[[Node], T]) -> T | Invalid | None:
    """The definition below ``key``; None where nobody wrote it."""
    written = isinstance(node.data, dict) and node.data.get(key) is not None
    if not written:
        return None
    if not node.has(key):
        return Invalid(path=(*node.path, key))
    return definition(node.child(key), make)


def definitions(node: Node, key: str, make: Callable[[Node], T]) -> dict[str, T | Invalid]:
    """Every named definition below ``key``, in the order of the text."""
    return {name: definition(item, make) for name, item in node.child(key).items()}
