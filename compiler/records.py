"""Frozen values, defined in a tenth of the time that ``dataclasses`` takes.

The compiler has some 180 of them, and every start defines most. ``dataclass`` writes and compiles six methods for each;
here the methods are shared, and only ``__init__`` is written, when the first value of a class is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    """A value of the standard library, whose marks make its ``replace``, ``fields`` and ``asdict`` work here."""

    value: int


_KIND = fields(_Example)[0]._field_type  # type: ignore[attr-defined]  # noqa: SLF001  (its name is not public)
_PARAMETERS = _Example.__dataclass_params__  # type: ignore[attr-defined]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """The class as ``dataclass(frozen=True, slots=True, kw_only=True)`` makes it, and as ``replace`` expects it."""
    own = _own(cls)
    known = {name: one for base in reversed(cls.__mro__[1:]) for name, one in _fields(base).items()} | own
    inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
    body: dict[str, Any] = {
        name: value for name, value in vars(cls).items() if name not in {"__dict__", "__weakref__", *own}
    }
    body |= {
        **_METHODS,
        "__qualname__": cls.__qualname__,
        "__slots__": tuple(name for name in own if name not in inherited),
        "__dataclass_fields__": known,
        "__dataclass_params__": _PARAMETERS,
        "__match_args__": (),
        "__values__": attrgetter(*known) if known else _nothing,
    }
    body |= {name: value for name, value in vars(cls).items() if name in _REPLACEABLE}
    made: type[T] = type(cls)(cls.__name__, cls.__bases__, body)  # type: ignore[misc]
    return made


def _own(cls: type) -> dict[str, Field[Any]]:
    annotations = vars(cls).get("__annotations__", {})
    return {name: _field(cls, name, kind) for name, kind in annotations.items() if "ClassVar" not in str(kind)}


def _field(cls: type, name: str, kind: Any) -> Field[Any]:
    given = vars(cls).get(name, MISSING)
    found: Field[Any] = given if isinstance(given, Field) else field(default=given, kw_only=True)
    found.name, found.type = name, kind
    found._field_type = _KIND  # type: ignore[attr-defined]  # noqa: SLF001
    return found


def _fields(cls: type) -> Mapping[str, Field[Any]]:
    found: Mapping[str, Field[Any]] = vars(cls).get("__dataclass_fields__", {})
    return found


def _nothing(_: object) -> tuple[()]:
    return ()


def _initialise_first(self: Any, **values: Any) -> None:
    """Write ``__init__`` for the class of the first value, and go on with that."""
    cls = type(self)
    cls.__init__ = _initialiser(cls)
    cls.__init__(self, **values)


def _initialiser(cls: Any) -> Any:
    """One line per field: its slot is set directly, since ``__setattr__`` refuses."""
    known: Mapping[str, Field[Any]] = cls.__dataclass_fields__
    words: dict[str, Any] = {"_missing": MISSING}
    arguments, lines = [], []
    for name, one in known.items():
        words |= {
            f"_set_{name}": _setter(cls, name),
            f"_default_{name}": one.default,
            f"_make_{name}": one.default_factory,
        }
        made = one.default_factory is not MISSING
        optional = made or one.default is not MISSING
        arguments.append(f"{name}={'_missing' if made else f'_default_{name}'}" if optional else name)
        value = f"_make_{name}() if {name} is _missing else {name}" if made else name
        lines.append(f" _set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    text = f"def __init__(self{', *, ' if arguments else ''}{', '.join(arguments)}):\n" + "\n".join(lines or [" pass"])
    exec(text, words)  # noqa: S102  (as dataclasses does; the names are our own identifiers)
    made_init = words["__init__"]
    made_init.__qualname__ = f"{cls.__qualname__}.__init__"
    return made_init


def _setter(cls: type, name: str) -> Any:
    place = getattr(cls, name, None)
    if isinstance(place, MemberDescriptorType):
        return place.__set__
    return lambda self, value: object.__setattr__(self, name, value)


def _same(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self is other or self.__values__(self) == self.__values__(other)


def _hash(self: Any) -> int:
    return hash(self.__values__(self))


def _shown(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
    return f"{type(self).__qualname__}({values})"


def _no_change(_: object, name: str, __: object = None) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to or delete field {name!r}")


_METHODS: Mapping[str, Any] = {
    "__init__": _initialise_first,
    "__eq__": _same,
    "__hash__": _hash,
    "__repr__": _shown,
    "__setattr__": _no_change,
    "__delattr__": _no_change,
}
_REPLACEABLE = frozenset({"__eq__", "__hash__", "__repr__"})
"""What a class may write itself."""
