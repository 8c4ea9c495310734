"""What Python's operators and functions do otherwise than DuckDB's.

A compiled module carries the source of those that it uses, so they import nothing but the standard library, call only
each other by the names here, and are short.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
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
    return _ltrim(_rtrim(value))


def _ltrim(value: str) -> str:
    """Without the spaces of every kind at the beginning."""
    return value.lstrip(
        " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    )


def _rtrim(value: str) -> str:
    """Without the spaces of every kind at the end."""
    return value.rstrip(
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
    """Round half away from zero; what is not exactly a half goes to the nearer side."""
    scaled = value * 10**digits
    if abs(scaled) % 1 == 0.5 and (value * 2 ** (digits + 1)).is_integer():  # noqa: PLR2004
        return math.copysign((abs(scaled) + 0.5) / 10**digits, value)
    return round(value, digits)


def _floor(value: float) -> float:
    """The largest whole number that is not above."""
    return float(math.floor(value)) if math.isfinite(value) else value


def _ceil(value: float) -> float:
    """The smallest whole number that is not below."""
    return float(math.ceil(value)) if math.isfinite(value) else value


def _trunc(value: float) -> float:
    """The whole number next to it on the way to zero."""
    return float(math.trunc(value)) if math.isfinite(value) else value


def _sign(value: float) -> int:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0)


def _modulo(left: float, right: float) -> float:
    """The remainder with the sign of the dividend; infinity has none."""
    return math.fmod(left, right) if math.isfinite(left) else math.nan


def _sin(value: float) -> float:
    """The sine; infinity has none."""
    return math.sin(value) if math.isfinite(value) else math.nan


def _cos(value: float) -> float:
    """The cosine; infinity has none."""
    return math.cos(value) if math.isfinite(value) else math.nan


def _tan(value: float) -> float:
    """The tangent; infinity has none."""
    return math.tan(value) if math.isfinite(value) else math.nan


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


def _log2(value: float) -> float:
    """The binary logarithm, without errors."""
    if value > 0:
        return math.log2(value)
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
        odd = float(exponent) % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base != 0:
            return math.nan
        odd = float(exponent) % 2 == 1
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


def _substring(text: str, start: int, length: int | None = None) -> str:
    """The characters from ``start``, which counts from 1; place 0 is before the first."""
    end = None if length is None else max(start - 1 + length, 0)
    return text[max(start - 1, 0) : end]


def _right(text: str, count: int) -> str:
    """The last characters."""
    return text[max(len(text) - count, 0) :]


def _lpad(text: str, width: int, fill: str) -> str:
    """Exactly ``width`` characters: filled up on the left, or cut on the right."""
    missing = max(width - len(text), 0)
    return (fill * missing)[:missing] + text[:width]


def _rpad(text: str, width: int, fill: str) -> str:
    """Exactly ``width`` characters: filled up or cut on the right."""
    return (text + fill * max(width - len(text), 0))[:width]


def _split_part(text: str, separator: str, number: int) -> str:
    """The part with this number, from 1; empty where there are fewer."""
    parts = text.split(separator)
    return parts[number - 1] if number <= len(parts) else ""


def _text_of_truth(value: bool) -> str:  # noqa: FBT001
    """A truth value as SQL writes it."""
    return "true" if value else "false"


def _text_of_moment(moment: datetime) -> str:
    """A timestamp as SQL writes it: no zeros at the end of a fraction."""
    text = moment.isoformat(" ")
    return text.rstrip("0") if moment.microsecond else text


def _truncated(moment: datetime, part: str) -> datetime:
    """The beginning of the year, quarter, month, week, day, hour, minute or second."""
    day = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    if part in ("year", "quarter", "month"):
        months = {"year": 1, "quarter": moment.month - (moment.month - 1) % 3}
        return day.replace(month=months.get(part, moment.month), day=1)
    if part in ("week", "day"):
        return day - timedelta(days=moment.weekday() if part == "week" else 0)
    whole = {"hour": (moment.hour, 0, 0), "minute": (moment.hour, moment.minute, 0)}
    hour, minute, second = whole.get(part, (moment.hour, moment.minute, moment.second))
    return day.replace(hour=hour, minute=minute, second=second)


def _add_months(moment: datetime, months: int) -> datetime:
    """So many months later; a day that the month does not have becomes its last."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = _last_day(first).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _boundaries(first: datetime, last: datetime, microseconds: int) -> int:
    """How many beginnings of such a unit lie between two moments."""
    start, unit = datetime(1970, 1, 1), timedelta(microseconds=microseconds)  # noqa: DTZ001
    return (last - start) // unit - (first - start) // unit


def _last_day(day: date) -> date:
    """The last day of the month."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _day_name(day: date) -> str:
    """The English name of the day."""
    names = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    return names.split()[day.weekday()]


def _month_name(day: date) -> str:
    """The English name of the month."""
    first = "January February March April May June July"
    second = "August September October November December"
    return f"{first} {second}".split()[day.month - 1]


def _epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, to the nearest."""
    span = moment - datetime(1970, 1, 1)  # noqa: DTZ001
    microseconds = span // timedelta(microseconds=1)
    nearest = (abs(microseconds) + 500) // 1000
    return nearest if microseconds >= 0 else -nearest


def _formatted(moment: date, pattern: str) -> str:
    """The moment in a format of numbers; the year has four digits."""
    year = f"{moment.year:04d}"
    parts = [part.replace("%Y", year) for part in pattern.split("%%")]
    return "%".join(moment.strftime(part) for part in parts)


def _greatest(*values: Value | None) -> Value | None:
    """The greatest value; nulls do not count."""
    return max((value for value in values if value is not None), default=None)


def _least(*values: Value | None) -> Value | None:
    """The least value; nulls do not count."""
    return min((value for value in values if value is not None), default=None)


def _concat(*texts: str | None) -> str:
    """The texts, one after the other; nulls do not count."""
    return "".join(text for text in texts if text is not None)


def _concat_ws(separator: str, *texts: str | None) -> str:
    """The texts with the separator between them; nulls do not count."""
    return separator.join(text for text in texts if text is not None)


def _epoch(moment: datetime) -> float:
    """Seconds since 1970 of a time without a zone."""
    return (moment - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001


def _same(value: Any) -> Any:
    """A column is its own feature."""
    return value


CALLED = {"_add_months": ("_last_day",), "_remainder": ("_quotient",), "_trim": ("_ltrim", "_rtrim")}
"""What else a helper needs."""
