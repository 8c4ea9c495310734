"""What a cron expression of five fields may say."""

from __future__ import annotations

import re

from ..records import record

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@record
class Field:
    """One of the five fields."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS = (
    Field(name="minute", low=0, high=59),
    Field(name="hour", low=0, high=23),
    Field(name="day of the month", low=1, high=31),
    Field(name="month", low=1, high=12, names=MONTHS),
    Field(name="day of the week", low=0, high=7, names=DAYS),
)


def problem(cron: str) -> str | None:
    """What is wrong with ``cron``; None where it fires at least once in a leap year."""
    values = parsed(cron)
    if isinstance(values, str):
        return values
    days, months = values[2], values[3]
    never = all(day > LONGEST.get(month, 31) for day in days for month in months)
    both = is_any(cron.split()[4])
    return f"no {'such month' if len(months) == 1 else 'month'} has that day" if never and both else None


def parsed(cron: str) -> list[set[int]] | str:
    """The values of each of the five fields, or what is wrong with one of them."""
    parts = cron.split()
    if not re.fullmatch(r"[!-~]+( +[!-~]+)*", cron.strip(" ")):
        return "its fields are separated by spaces, and written in ASCII"
    if len(parts) != len(FIELDS):
        return f"it has {len(parts)} field{'' if len(parts) == 1 else 's'}, not five: minute hour day month weekday"
    values: list[set[int]] = []
    for field, text in zip(FIELDS, parts, strict=True):
        found = _values(field, text)
        if isinstance(found, str):
            return found
        values.append(found)
    return values


def is_any(field: str) -> bool:
    """Whether a day field begins with a star: cron then asks for both day fields, and else for one of them."""
    return field.startswith("*")


def _values(field: Field, text: str) -> set[int] | str:
    values: set[int] = set()
    for item in text.split(","):
        found = _item(field, item)
        if isinstance(found, str):
            return found
        values |= found
    return values


def _item(field: Field, item: str) -> set[int] | str:
    match = re.fullmatch(r"(\*|[\w]+)(?:-(\w+))?(?:/(\d+))?", item)
    if match is None:
        return f"'{item}' is no {field.name}"
    first, last, step = match[1], match[2], match[3]
    if first == "*" and last is None:
        low, high = field.low, field.high
    else:
        start, end = _number(field, first), _number(field, last or first)
        if start is None or end is None:
            return f"'{item}' is no {field.name}, which goes from {field.low} to {field.high}"
        low, high = start, (field.high if step and last is None else end)
    if low > high:
        return f"'{item}' goes backwards"
    if step is not None and int(step) == 0:
        return f"'{item}' has a step of zero"
    return set(range(low, high + 1, int(step or 1)))


def _number(field: Field, text: str) -> int | None:
    if text.lower() in field.names:
        return field.names.index(text.lower()) + field.low
    return int(text) if text.isdigit() and field.low <= int(text) <= field.high else None
