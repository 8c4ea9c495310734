"""What Python's operators and functions do otherwise than DuckDB's.

A compiled module carries the source of those that it uses, so they import nothing but the standard library, call only
each other by the names here, and are short.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, TypeVar

Value = TypeVar("Value", bool, int, float, str, date, datetime)


def _and(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001
    """SQL's AND: false wins over null."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001
    """SQL's OR: true wins over null."""
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _trim(value: str) -> str:
    """Without the spaces of every kind at both ends; tabs and line ends stay."""
    return value.strip(
        " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    )


def _divide(left: float, right: float) -> float:
    """Division that knows infinity."""
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _round(value: float, digits: int = 0) -> float:
    """Round half away from zero."""
    scaled = value * 10**digits
    if not math.isfinite(scaled):
        return value
    whole = math.trunc(scaled)
    if abs(scaled - whole) >= 0.5:  # noqa: PLR2004
        whole += 1 if scaled > 0 else -1
    return math.copysign(whole / 10**digits, value)


def _floor(value: float) -> float:
    """The largest whole number that is not above."""
    return float(math.floor(value)) if math.isfinite(value) else value


def _ceil(value: float) -> float:
    """The smallest whole number that is not below."""
    return float(math.ceil(value)) if math.isfinite(value) else value


def _log(value: float) -> float:
    """The natural logarithm, without errors."""
    if value > 0:
        return math.log(value)
    return -math.inf if value == 0 else math.nan


def _log10(value: float) -> float:
    """The decimal logarithm, without errors."""
    if value > 0:
        return math.log10(value)
    return -math.inf if value == 0 else math.nan


def _exp(value: float) -> float:
    """The exponential, without errors."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _sqrt(value: float) -> float:
    """The square root, without errors."""
    return math.nan if value < 0 else math.sqrt(value)


def _power(base: float, exponent: float) -> float:
    """The power, without errors."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base != 0:
            return math.nan
        odd = exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf


def _order(value: float) -> tuple[bool, float]:
    """A key that sorts not-a-number last and equal to itself."""
    return (True, 0.0) if math.isnan(value) else (False, value)


def _remainder(left: int, right: int) -> int:
    """The remainder with the sign of the dividend."""
    return left - right * _quotient(left, right)


def _quotient(left: int, right: int) -> int:
    """Whole division, rounded towards zero."""
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _lower(text: str) -> str:
    """Lower case, letter by letter."""
    return "".join("i" if letter == "\u0130" else letter.lower() for letter in text)


def _upper(text: str) -> str:
    """Upper case, letter by letter: no letter becomes two."""
    capitals = ((letter.upper(), letter.title(), letter) for letter in text)
    single = (next(form for form in forms if len(form) == 1) for forms in capitals)
    return "".join(single).replace("\u00df", "\u1e9e")


def _greatest(*values: Value | None) -> Value | None:
    """The greatest value; nulls do not count."""
    return max((value for value in values if value is not None), default=None)


def _least(*values: Value | None) -> Value | None:
    """The least value; nulls do not count."""
    return min((value for value in values if value is not None), default=None)


def _concat(*texts: str | None) -> str:
    """The texts, one after the other; nulls do not count."""
    return "".join(text for text in texts if text is not None)


def _epoch(moment: datetime) -> float:
    """Seconds since 1970 of a time without a zone."""
    return (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001


def _same(value: Any) -> Any:
    """A column is its own feature."""
    return value
