"""How columns go together: with the label, with one another, and with themselves over time.

With the label, always from 0 (nothing) to 1 (one decides the other):

    numbers, numeric or yes/no label    |r|, Pearson's correlation; with a yes/no label the point-biserial one
    numbers and classes                 eta = sqrt(variance between the classes / variance), the correlation ratio
    words, yes/no label or classes      Cramer's V, corrected for chance (Bergsma, 2013)
    words, numeric label                eta, of the label by the words

Over time: PSI = sum over bins of (q - p) * ln(q / p) between the shares p of one period and q of the next; numbers in
the bins between the 5, 25, 50, 75 and 95 per cent quantiles of all rows, words as they are, missing values as a bin
of their own. By custom below 0.1 is stable and above 0.2 has shifted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import duckdb

from ..core import duck
from .profile_figures import LABEL, NUMBERS, TABLE, Figures, ask

MOST_WORDS = 500
"""Columns with more different words are not held against the label: every row would be a class."""
MOST_IN_MATRIX = 16
EPSILON = 1e-4
MOST_PERIODS, FEWEST_PERIODS = 16, 3
UNITS = ("year", "quarter", "month", "week", "day", "hour")
KEPT_WORDS = 30
MOST_OVER_TIME = 200
"""Columns whose course over time is drawn."""
PEARSON, ETA, CRAMER = "|r|", "eta", "V"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How much a column says about the label; ``sign`` is that of a correlation, else 0."""

    value: float
    measure: str
    sign: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One column over the periods: PSI against the period before, quantiles or shares of the commonest words."""

    psi: tuple[float | None, ...]
    missing: tuple[float, ...]  # share of rows
    bands: tuple[tuple[float, float, float] | None, ...] = ()  # 25, 50, 75 per cent
    words: tuple[str, ...] = ()
    shares: tuple[tuple[float, ...], ...] = ()  # per period, of each word

    @property
    def largest(self) -> float:
        """The largest step from one period to the next."""
        return max((value for value in self.psi if value is not None), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """The spans of time that are compared, and how many rows each has."""

    unit: str
    names: tuple[str, ...]
    rows: tuple[int, ...]


def links(database: duckdb.DuckDBPyConnection, found: Sequence[Figures], label_type: str) -> dict[str, Link]:
    """How much every column says about the table's label; none for those that cannot be compared."""
    numeric_label = label_type in (*NUMBERS, "boolean")
    target = f"CAST({LABEL} AS DOUBLE)" if label_type in NUMBERS else f"CAST(CAST({LABEL} AS INTEGER) AS DOUBLE)"
    known: dict[str, Link] = {}
    numbers = [one for one in found if one.type in (*NUMBERS, "boolean") and one.distinct > 1]
    words = [one for one in found if one.type == "string" and 1 < one.distinct <= MOST_WORDS]
    if numeric_label:
        asked = ask(database, [[f"corr({_as_number(one)}, {target})"] for one in numbers])
        for one, (value,) in zip(numbers, asked, strict=True):
            if value is not None and math.isfinite(value):
                known[one.name] = Link(value=abs(value), measure=PEARSON, sign=(value > 0) - (value < 0))
    else:
        known |= {one.name: Link(value=v, measure=ETA) for one in numbers if (v := _eta(database, one)) is not None}
    for one in words:
        numeric = label_type in NUMBERS
        value = _ratio(database, duck.name(one.name), target) if numeric else _cramer(database, one)
        if value is not None:
            known[one.name] = Link(value=value, measure=ETA if numeric else CRAMER)
    return known


def _as_number(one: Figures) -> str:
    column = duck.name(one.name)
    return f"CAST(CAST({column} AS INTEGER) AS DOUBLE)" if one.type == "boolean" else f"CAST({column} AS DOUBLE)"


def _eta(database: duckdb.DuckDBPyConnection, one: Figures) -> float | None:
    return _ratio(database, LABEL, _as_number(one))


def _ratio(database: duckdb.DuckDBPyConnection, group: str, number: str) -> float | None:
    """The correlation ratio of a number by groups."""
    query = (
        f"SELECT count(*), avg(y), var_pop(y) FROM (SELECT {group} AS g, {number} AS y FROM {TABLE}) "
        "WHERE g IS NOT NULL AND y IS NOT NULL GROUP BY g"
    )
    groups = [(n, mean, spread) for n, mean, spread in database.execute(query).fetchall() if mean is not None]
    total = sum(n for n, _, _ in groups)
    if not total:
        return None
    middle = sum(n * mean for n, mean, _ in groups) / total
    between = sum(n * (mean - middle) ** 2 for n, mean, _ in groups)
    within = sum(n * spread for n, _, spread in groups)
    return math.sqrt(between / (between + within)) if between + within > 0 else None


def _cramer(database: duckdb.DuckDBPyConnection, one: Figures) -> float | None:
    """Cramer's V of words and classes, less what chance alone would give."""
    query = (
        f"SELECT {duck.name(one.name)}, {LABEL}, count(*) FROM {TABLE} "
        f"WHERE {duck.name(one.name)} IS NOT NULL AND {LABEL} IS NOT NULL GROUP BY ALL"
    )
    cells = database.execute(query).fetchall()
    across: dict[Any, int] = {}
    down: dict[Any, int] = {}
    for word, answer, count in cells:
        across[word] = across.get(word, 0) + count
        down[answer] = down.get(answer, 0) + count
    total, r, k = sum(across.values()), len(across), len(down)
    if total <= 1 or min(r, k) <= 1:
        return None
    phi = sum(count**2 / (across[word] * down[answer]) for word, answer, count in cells) - 1
    corrected = max(0.0, phi - (r - 1) * (k - 1) / (total - 1))
    lesser = min(r - (r - 1) ** 2 / (total - 1), k - (k - 1) ** 2 / (total - 1)) - 1
    return min(1.0, math.sqrt(corrected / lesser)) if lesser > 0 else None


def matrix(
    database: duckdb.DuckDBPyConnection, found: Sequence[Figures]
) -> tuple[list[str], dict[tuple[int, int], float]]:
    """Pearson's correlation of every two numbers, where there are few: their names, and the value of each pair."""
    numbers = [one for one in found if one.is_number and one.distinct > 1 and not one.personal]
    if not 1 < len(numbers) <= MOST_IN_MATRIX:
        return [], {}
    pairs = list(combinations(range(len(numbers)), 2))
    asked = ask(database, [[f"corr({_as_number(numbers[i])}, {_as_number(numbers[j])})"] for i, j in pairs])
    values = {
        pair: value for pair, (value,) in zip(pairs, asked, strict=True) if value is not None and math.isfinite(value)
    }
    return [one.name for one in numbers], values


def periods(database: duckdb.DuckDBPyConnection, time: str) -> Periods | None:
    """The longest spans of the calendar of which there are at least three; None where time says nothing."""
    moment = f"CAST({duck.name(time)} AS TIMESTAMP)"
    asked = ask(database, [[f"count(DISTINCT date_trunc('{unit}', {moment}))"] for unit in UNITS])
    counts = {unit: int(count) for unit, (count,) in zip(UNITS, asked, strict=True)}
    unit = next((unit for unit in UNITS if FEWEST_PERIODS <= counts[unit] <= MOST_PERIODS), None)
    if unit is None:
        return None
    # A unit further down shows more, while it is still few enough to be seen.
    finer = [u for u in UNITS[UNITS.index(unit) :] if FEWEST_PERIODS <= counts[u] <= MOST_PERIODS]
    unit = finer[-1]
    database.execute(f"ALTER TABLE {TABLE} ADD COLUMN __period TIMESTAMP")
    database.execute(f"UPDATE {TABLE} SET __period = date_trunc('{unit}', {moment})")
    rows = database.execute(
        f"SELECT __period, count(*) FROM {TABLE} WHERE __period IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    form = {"year": "%Y", "quarter": "%Y-%m", "month": "%Y-%m", "hour": "%m-%d %H:00"}.get(unit, "%Y-%m-%d")
    return Periods(
        unit=unit, names=tuple(start.strftime(form) for start, _ in rows), rows=tuple(int(n) for _, n in rows)
    )


def courses(database: duckdb.DuckDBPyConnection, found: Sequence[Figures], spans: Periods) -> dict[str, Course]:
    """How every column went from period to period."""
    drawn = [one for one in found if not one.personal and one.distinct > 1 and not one.unique][:MOST_OVER_TIME]
    numbers = [one for one in drawn if one.is_number]
    words = [one for one in drawn if one.type in {"string", "boolean"} and one.distinct <= MOST_WORDS]
    counted = _by_period(database, [(one, _bin_of(one)) for one in (*numbers, *words)])
    bands = _bands(database, numbers)
    return {one.name: _course(one, counted[one.name], bands.get(one.name, ()), spans) for one in (*numbers, *words)}


def _bin_of(one: Figures) -> str:
    column = duck.name(one.name)
    if not one.is_number:
        return f"CAST({column} AS VARCHAR)"
    edges = sorted({*one.quantiles})
    cases = " ".join(f"WHEN {column} <= {edge!r} THEN '{place}'" for place, edge in enumerate(edges))
    return f"CASE {cases} WHEN {column} IS NOT NULL THEN '{len(edges)}' END"


def _by_period(
    database: duckdb.DuckDBPyConnection, asked: Sequence[tuple[Figures, str]], at_once: int = 20
) -> dict[str, list[dict[str, int]]]:
    """Rows per bin in every period, missing ones under the empty name."""
    counted: dict[str, list[dict[str, int]]] = {one.name: [] for one, _ in asked}
    for start in range(0, len(asked), at_once):
        some = asked[start : start + at_once]
        listed = ", ".join(f"map_entries(histogram(coalesce({sql}, '')))" for _, sql in some)
        query = f"SELECT {listed} FROM {TABLE} WHERE __period IS NOT NULL GROUP BY __period ORDER BY __period"
        for row in database.execute(query).fetchall():
            for (one, _), entries in zip(some, row, strict=True):
                counted[one.name].append({entry["key"]: int(entry["value"]) for entry in entries})
    return counted


def _bands(
    database: duckdb.DuckDBPyConnection, numbers: Sequence[Figures], at_once: int = 20
) -> dict[str, tuple[tuple[float, float, float] | None, ...]]:
    found: dict[str, list[tuple[float, float, float] | None]] = {one.name: [] for one in numbers}
    for start in range(0, len(numbers), at_once):
        some = numbers[start : start + at_once]
        listed = ", ".join(f"approx_quantile({_as_number(one)}, [0.25, 0.5, 0.75])" for one in some)
        query = f"SELECT {listed} FROM {TABLE} WHERE __period IS NOT NULL GROUP BY __period ORDER BY __period"
        for row in database.execute(query).fetchall():
            for one, value in zip(some, row, strict=True):
                found[one.name].append((value[0], value[1], value[2]) if value else None)
    return {name: tuple(values) for name, values in found.items()}


def _course(
    one: Figures,
    counted: Sequence[Mapping[str, int]],
    bands: tuple[tuple[float, float, float] | None, ...],
    spans: Periods,
) -> Course:
    total: dict[str, int] = {}
    for period in counted:
        for word, rows in period.items():
            total[word] = total.get(word, 0) + rows
    kept = sorted((word for word in total if word), key=lambda word: (-total[word], word))[:KEPT_WORDS]
    shares = [_shares(period, kept) for period in counted]
    psi = (None, *(population_stability(before, after) for before, after in pairwise(shares)))
    missing = tuple(period.get("", 0) / rows for period, rows in zip(counted, spans.rows, strict=True))
    if one.is_number:
        return Course(psi=psi, missing=missing, bands=bands)
    few = kept[:6]
    drawn = tuple(tuple(share[word] for word in few) for share in shares)
    return Course(psi=psi, missing=missing, words=tuple(few), shares=drawn)


def _shares(period: Mapping[str, int], kept: Sequence[str]) -> dict[str, float]:
    """The share of every kept word, of the missing ones ("") and of all the others."""
    rows = sum(period.values())
    known = {word: period.get(word, 0) / rows for word in ("", *kept)}
    return {**known, "\0others": max(0.0, 1 - sum(known.values()))}


def population_stability(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """PSI of two distributions over the same bins; a share below 0.0001 counts as that."""
    total = 0.0
    for name, share in before.items():
        p, q = max(share, EPSILON), max(after[name], EPSILON)
        total += (q - p) * math.log(q / p)
    return total
