"""Records behave as the frozen dataclasses that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any, ClassVar

import pytest

from mlopsc.records import record

Maker = Callable[[Any], Any]
MAKERS: list[Maker] = [record, dataclass(frozen=True, slots=True, kw_only=True)]


def make(maker: Maker) -> Any:
    """A class of either kind: required and optional fields, a made default, a constant, a step after construction."""

    class Point:
        """A point."""

        limit: ClassVar[int] = 9
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)

        def __post_init__(self) -> None:
            if self.x > self.limit:
                raise ValueError(self.x)

        @property
        def total(self) -> int:
            """The sum."""
            return self.x + self.y

    return maker(Point)


@pytest.mark.parametrize("maker", MAKERS)
def test_record_takes_what_a_dataclass_takes(maker: Maker) -> None:
    """Defaults, made defaults, the step after construction and properties are those of a dataclass."""
    point = make(maker)
    one, two = point(x=1), point(x=1, tags=["a"])
    assert (one.x, one.y, one.tags, one.total, point.limit) == (1, 2, [], 3, 9)
    assert (one == point(x=1), one == two, one == (1, 2, [])) == (True, False, False)
    assert one.tags is not point(x=1).tags
    with pytest.raises(ValueError, match="10"):
        point(x=10)


@pytest.mark.parametrize("maker", MAKERS)
def test_record_is_shown_and_taken_apart_as_a_dataclass(maker: Maker) -> None:
    """``repr``, ``fields``, ``replace`` and ``asdict`` give the same."""
    one = make(maker)(x=1, tags=["a"])
    assert repr(one) == "make.<locals>.Point(x=1, y=2, tags=['a'])"
    assert [found.name for found in fields(one)] == ["x", "y", "tags"]
    assert asdict(replace(one, y=5)) == {"x": 1, "y": 5, "tags": ["a"]}


@pytest.mark.parametrize("maker", MAKERS)
def test_record_refuses_what_a_dataclass_refuses(maker: Maker) -> None:
    """Values never change, have no other attributes, and are made by name with all that is required."""
    point = make(maker)
    one = point(x=1)
    with pytest.raises(FrozenInstanceError):
        one.x = 2
    with pytest.raises(FrozenInstanceError):
        del one.x
    assert not hasattr(one, "__dict__")
    with pytest.raises(TypeError, match=r"missing 1 required keyword-only argument: 'x'"):
        point(y=1)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'z'"):
        point(x=1, z=1)
    with pytest.raises(TypeError, match=r"positional argument"):
        point(1)


@pytest.mark.parametrize("maker", MAKERS)
def test_record_is_inherited_as_a_dataclass(maker: Maker) -> None:
    """Fields of the base come first, one may be declared again, and equal values hash alike."""

    @maker
    class Base:
        """The base."""

        a: int
        b: str = "b"

    @maker
    class Derived(Base):
        """More of it."""

        b: str = "c"
        c: tuple[int, ...] = ()

    base: Any = Base
    derived: Any = Derived
    made = derived(a=1)
    assert repr(made).partition("Derived")[2] == "(a=1, b='c', c=())"
    assert (hash(made) == hash(derived(a=1, c=())), len({made, derived(a=1)}), base(a=1) == made) == (True, 1, False)


def test_record_may_write_its_own_equality() -> None:
    """What a class says about equality and its hash is kept."""

    @record
    class Loose:
        """Equal by its name alone."""

        name: str
        note: str = ""

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Loose) and other.name == self.name

        def __hash__(self) -> int:
            return hash(self.name)

    assert {Loose(name="a", note="1"), Loose(name="a", note="2")} == {Loose(name="a")}
